// Package control is the daemon's control socket: HTTP with JSON bodies over a
// unix socket, its server in ivs, its client in ivs-ctl, and the types that
// they share. The socket is open to root only.
//
//	GET    /v1/status        Status
//	POST   /v1/ports         PortRequest -> PortReply
//	DELETE /v1/ports?name=NAME
//	GET    /v1/flows         text, a line for each cached flow
//	GET    /v1/trace?port=N  text, a paragraph for each new flow, until the client hangs up
//	POST   /v1/stop          ends the daemon
//
// A failure is a status of 400 or more with an ErrorReply. A request may say, in
// the header Ivs-Deadline, until when its client waits, in nanoseconds of the
// host's wall clock; afterwards it is not carried out.
package control

// Status is all that "ivs-ctl show" tells of a switch.
type Status struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	DPID        string            `json:"dpid"`     // 16 hexadecimal digits
	Datapath    string            `json:"datapath"` // "kernel" or "userspace"
	Hit         uint64            `json:"hit"`      // frames forwarded by cached flows
	Missed      uint64            `json:"missed"`   // frames that no cached flow matched
	Lost        uint64            `json:"lost"`     // misses dropped before they were looked at
	Flows       uint64            `json:"flows"`    // cached flows
	Masks       uint64            `json:"masks"`    // distinct masks among them
	Ports       []Port            `json:"ports"`
	Controllers []Controller      `json:"controllers"`
	Counters    map[string]uint64 `json:"counters"` // the daemon's own, by name
}

// Port is a port's name, kind and counters.
type Port struct {
	Number  uint32   `json:"number"` // as the datapath numbers it: LOCAL is 0
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`    // "", "internal"
	Missing bool     `json:"missing"` // waits for its interface
	Rx      Counters `json:"rx"`
	Tx      Counters `json:"tx"`
}

// Counters count one direction of a port.
type Counters struct {
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
	Errors  uint64 `json:"errors"`
	Dropped uint64 `json:"dropped"`
}

// Controller is an OpenFlow connection, or an attempt at one.
type Controller struct {
	Address   string `json:"address"`
	Role      string `json:"role"`
	Connected bool   `json:"connected"`
	Auxiliary uint8  `json:"auxiliary,omitempty"` // id of an auxiliary connection; 0 for a main one
}

// PortRequest asks for a port.
type PortRequest struct {
	Name     string `json:"name"`
	Internal bool   `json:"internal"`
}

// PortReply tells the OpenFlow number that the port got.
type PortReply struct {
	Number uint32 `json:"number"`
}

// ErrorReply says what failed and what mends it.
type ErrorReply struct {
	Error string `json:"error"`
}
