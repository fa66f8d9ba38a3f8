package kernel

import "github.com/sirupsen/logrus"

// Config says which datapath to open.
type Config struct {
	// Name is the datapath's, and of its local port's interface: 1 to 15 bytes.
	// One of that name that is there is adopted: its flows are flushed, its
	// ports stay, deaf until AddPort is called for each that is wanted. The
	// caller deletes the others, which ListPorts shows.
	Name string

	// Log takes what happens once per datapath or port event; nil for nowhere.
	Log *logrus.Entry
}
