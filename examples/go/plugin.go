// A plugin in Go that makes JSON of tables in CSV, and CSV of JSON. This file is what it does; edge.go and edge.c are
// the template's, as they are.
package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Plugin has the settings. Nothing changes after Open, so calls may share it.
type Plugin struct {
	host      Host
	delimiter rune
}

// How many rows may pass before it is asked whether they are still wanted.
const rowsBetweenLooks = 1000

// Open reads the settings.
func Open(config []byte, host Host) (*Plugin, error) {
	var settings struct {
		Delimiter string `json:"delimiter"`
	}
	if err := json.Unmarshal(config, &settings); err != nil {
		return nil, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	plugin := &Plugin{host: host, delimiter: ','}
	if settings.Delimiter != "" {
		delimiter, size := utf8.DecodeRuneInString(settings.Delimiter)
		if size != len(settings.Delimiter) || strings.ContainsRune("\"\r\n\ufffd", delimiter) {
			return nil, errors.New("the delimiter must be one character, and neither a quote nor a line end")
		}
		plugin.delimiter = delimiter
	}
	host.Log(Info, fmt.Sprintf("The delimiter is %q", plugin.delimiter))
	return plugin, nil
}

// Call does one of the two.
func (p *Plugin) Call(action string, input []byte) ([]byte, error) {
	switch action {
	case "to_json":
		return p.toJSON(input)
	case "to_csv":
		return p.toCSV(input)
	}
	return nil, UnknownAction
}

func (p *Plugin) toJSON(input []byte) ([]byte, error) {
	var request struct {
		CSV *string `json:"csv"`
	}
	if json.Unmarshal(input, &request) != nil || request.CSV == nil {
		return nil, BadInput("The input must be a JSON object with a text named \"csv\"")
	}
	reader := csv.NewReader(strings.NewReader(*request.CSV))
	reader.Comma = p.delimiter
	columns, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, Failed{Code: "empty", Message: "There is no line with the names of the columns"}
	}
	rows := []map[string]string{}
	for err == nil {
		if len(rows)%rowsBetweenLooks == 0 && p.host.Cancelled() {
			return nil, Cancelled
		}
		var cells []string
		if cells, err = reader.Read(); err == nil {
			row := make(map[string]string, len(cells))
			for i, cell := range cells {
				row[columns[i]] = cell
			}
			rows = append(rows, row)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, Failed{Code: "malformed", Message: err.Error()}
	}
	return json.Marshal(map[string]interface{}{"columns": columns, "rows": rows})
}

func (p *Plugin) toCSV(input []byte) ([]byte, error) {
	var request struct {
		Columns []string                     `json:"columns"`
		Rows    []map[string]json.RawMessage `json:"rows"`
	}
	if json.Unmarshal(input, &request) != nil || len(request.Columns) == 0 {
		return nil, BadInput("The input must be a JSON object with \"columns\", which are texts, and \"rows\", which are objects")
	}
	var table strings.Builder
	writer := csv.NewWriter(&table)
	writer.Comma = p.delimiter
	// A strings.Builder takes everything.
	_ = writer.Write(request.Columns)
	for i, row := range request.Rows {
		if i%rowsBetweenLooks == 0 && p.host.Cancelled() {
			return nil, Cancelled
		}
		cells := make([]string, len(request.Columns))
		for j, column := range request.Columns {
			cells[j] = cell(row[column])
		}
		_ = writer.Write(cells)
	}
	writer.Flush()
	return json.Marshal(map[string]string{"csv": table.String()})
}

// cell gives a text as it is, and everything else as JSON writes it; nothing for null and for what is missing.
func cell(value json.RawMessage) string {
	var text string
	if len(value) == 0 || json.Unmarshal(value, &text) == nil {
		// Null leaves it empty.
		return text
	}
	return string(value)
}

// Healthy is asked once after Open, before there are calls.
func (p *Plugin) Healthy() bool { return p.delimiter != 0 }

// Close ends it.
func (p *Plugin) Close() {}
