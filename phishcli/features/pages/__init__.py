"""What a saved page shows: its lines, references, forms and scripts, read off the HTML; nothing is fetched."""
