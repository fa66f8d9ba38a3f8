package openflow

import (
	"bytes"
	"net"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// countingSwitch is a Switch that costs nothing.
type countingSwitch struct {
	fakeSwitch
	flowMods int
}

func (c *countingSwitch) FlowMod(*ofp13.FlowMod) error {
	c.flowMods++
	return nil
}

// BenchmarkFlowMods measures the way of a flow-mod from a loopback socket to the
// Switch. One operation is one flow-mod; a barrier ends every 1000.
func BenchmarkFlowMods(b *testing.B) {
	sw := &countingSwitch{}
	s := NewServer(sw, Config{Listen: []string{"127.0.0.1:0"}, Log: quietLog()})
	if err := s.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case e := <-s.Events():
				s.Handle(e)
			case <-stop:
				s.Close()
				return
			}
		}
	}()
	defer func() { close(stop); <-done }()

	conn, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	c := openflowtest.NewController(conn)
	if err := c.SendBytes(rawMessage(4, ofp13.TypeHello, 8, 1)); err != nil {
		b.Fatal(err)
	}
	if _, err := c.Receive(); err != nil {
		b.Fatal(err)
	}
	one := validRequests()[ofp13.TypeFlowMod].AppendTo(nil, 1)
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for left := b.N; left > 0; left -= 1000 {
		if err := c.SendBytes(bytes.Repeat(one, min(left, 1000))); err != nil {
			b.Fatal(err)
		}
		if err := c.Barrier(); err != nil {
			b.Fatal(err)
		}
	}
	if sw.flowMods != b.N {
		b.Fatalf("%d flow-mods arrived, want %d", sw.flowMods, b.N)
	}
}
