"""The dashboard in a browser: topics, decisions and health, under the audience rule."""
