// The smallest whole plugin in Go. To make it yours:
//
//  1. manifest.c: name, version, type, and the actions that you have;
//  2. Call below: one case for each action;
//  3. Open: read the configuration there, if the manifest has a config_schema;
//  4. go.mod: the name of the module.
//
// mimir_plugin.h is looked for in this folder, and where sdk.go says.
//
// edge.go and edge.c stay as they are.
package main

import "encoding/json"

// Plugin lives from Open to Close. Calls share it, so what changes needs a mutex.
type Plugin struct {
	host Host
}

// Open gets the configuration, JSON that fits the manifest's config_schema.
func Open(config []byte, host Host) (*Plugin, error) {
	return &Plugin{host: host}, nil
}

// Call does what an action is for.
func (p *Plugin) Call(action string, input []byte) ([]byte, error) {
	switch action {
	case "hello":
		var request map[string]interface{}
		if json.Unmarshal(input, &request) != nil {
			return nil, BadInput("The input must be a JSON object")
		}
		p.host.Log(Info, "hello was called")
		return []byte(`{"hello":"world"}`), nil
	}
	return nil, UnknownAction
}

// Healthy is asked once after Open, before there are calls.
func (p *Plugin) Healthy() bool { return true }

// Close ends it.
func (p *Plugin) Close() {}
