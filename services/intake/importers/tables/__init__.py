"""Reading tables: text, workbooks, HTML, and how their headers begin."""
