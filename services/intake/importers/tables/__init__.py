"""Reading tables: text, workbooks, HTML, and where their headers are."""
