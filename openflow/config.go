package openflow

import (
	"context"
	"net"
	"time"

	"github.com/sirupsen/logrus"
)

// Dialer opens connections to controllers. *net.Dialer is one, and so is
// *tls.Dialer. DialContext runs off the main goroutine.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Config says whom a Server talks to and how. Only Log may not be nil.
type Config struct {
	Controllers []string // HOST:PORT to dial and dial again: at most MaxControllers, all different
	Listen      []string // HOST:PORT to accept connections on
	UnixSocket  string   // path to accept local connections on; empty for none
	Auxiliaries int      // auxiliary connections to each controller that is dialed, at most MaxAuxiliaries

	// Experimenters carry out extensions, by experimenter id; all others are
	// refused.
	Experimenters map[uint32]Experimenter

	Dialer Dialer // nil means TCP
	Limits Limits // zero fields take their defaults
	Log    *logrus.Entry
}

// MaxControllers is how many controllers a switch dials: half of its connections.
const MaxControllers = 16

// Limits bound what peers can cost and how long they may be silent.
type Limits struct {
	Connections int // connections at one time, dialed or accepted (32)

	QueueMessages int // messages in an outbox before packet-ins are dropped (1000)
	QueueBytes    int // bytes in an outbox before asynchronous messages are dropped (16 MB)

	EchoInterval time.Duration // between echo requests (2 s)
	EchoLosses   int           // intervals without a sign of life before a connection is reset (3); < 0 is never (§6.3.2)
	HelloTimeout time.Duration // for the peer's HELLO (10 s)
	DialTimeout  time.Duration // for one attempt to connect (5 s)
	RedialFirst  time.Duration // before the second attempt; doubled for each one after (1 ms)
	RedialMax    time.Duration // once doubling has passed it (1 s)
	FlushTimeout time.Duration // for what is queued when a connection is closed (300 ms)
}

// withDefaults returns l with every zero field replaced.
func (l Limits) withDefaults() Limits {
	setDefault(&l.Connections, 32)
	setDefault(&l.QueueMessages, 1000)
	setDefault(&l.QueueBytes, 16<<20)
	setDefault(&l.EchoInterval, 2*time.Second)
	setDefault(&l.EchoLosses, 3)
	setDefault(&l.HelloTimeout, 10*time.Second)
	setDefault(&l.DialTimeout, 5*time.Second)
	setDefault(&l.RedialFirst, time.Millisecond)
	setDefault(&l.RedialMax, time.Second)
	setDefault(&l.FlushTimeout, 300*time.Millisecond)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// stallTimeout is how long a peer may take nothing of what is written to it; 0
// is for ever.
func (l *Limits) stallTimeout() time.Duration {
	return time.Duration(max(l.EchoLosses, 0)) * l.EchoInterval
}
