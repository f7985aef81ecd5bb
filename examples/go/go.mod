module csv_tools

go 1.17
