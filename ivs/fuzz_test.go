package main

import (
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// FuzzAgent gives any bytes to a switch, from a controller's connection to its
// tables and its datapath: nothing panics, the answers are messages, and what is
// configured then can be read, and sent again as it was told.
func FuzzAgent(f *testing.F) {
	var all []byte
	for _, k := range kinds() {
		b := k.m.AppendTo(nil, 7)
		f.Add(b)
		all = append(all, b...)
	}
	f.Add(all)
	for _, list := range [][]provocation{matchProvocations(), actionProvocations(), instructionProvocations(), groupProvocations(), featureProvocations()} {
		for _, p := range list {
			if b := p.m.AppendTo(nil, 7); len(b) < 1<<10 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		a := newAgent(t)
		a.program()
		a.provoke(whole(stream))
		a.state()
		a.resend()
	})
}

// whole leaves out the message at the end of which a part is missing: the switch
// would wait for it.
func whole(stream []byte) []byte {
	end := 0
	for len(stream)-end >= 8 {
		n := int(binary.BigEndian.Uint16(stream[end+2:]))
		if n > len(stream)-end {
			break
		}
		if end += max(n, 8); n < 8 {
			break // there, the switch hangs up
		}
	}
	return stream[:end]
}

// provoke sends bytes and an echo behind them and reads until its reply comes or
// the switch, having lost the thread, hangs up.
func (a *agent) provoke(stream []byte) {
	const last = 0xfffffff1
	must(a.t, a.conn.SetDeadline(time.Now().Add(2*time.Second)))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = a.conn.Write((&ofp13.EchoRequest{}).AppendTo(stream[:len(stream):len(stream)], last))
	}()
	head := make([]byte, 8)
	for {
		if _, err := io.ReadFull(a.conn, head); err != nil {
			break
		}
		n := int(binary.BigEndian.Uint16(head[2:]))
		if head[0] != ofp13.Version || n < 8 {
			a.t.Fatalf("the switch sends a header of %x", head)
		}
		if _, err := io.CopyN(io.Discard, a.conn, int64(n-8)); err != nil {
			break
		}
		if head[1] == ofp13.TypeEchoReply && binary.BigEndian.Uint32(head[4:]) == last {
			break
		}
	}
	a.conn.Close()
	<-sent
}

// resend gives each entry back to the switch as it was told.
func (a *agent) resend() {
	done := make(chan struct{})
	a.do <- func() {
		defer close(done)
		sw := a.driver.Switch()
		stream, err := sw.FlowStats(&ofp13.FlowStatsRequest{TableID: ofp13.TableAll, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny})
		if err != nil {
			a.t.Errorf("flow statistics: %v", err)
			return
		}
		for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
			var f ofp13.FlowStats
			if _, err := f.DecodeNext(b); err != nil {
				a.t.Errorf("flow statistics: %v", err)
				return
			}
			m := &ofp13.FlowMod{
				TableID: f.TableID, Priority: f.Priority, Cookie: f.Cookie, Flags: f.Flags &^ ofp13.FlagCheckOverlap,
				IdleTimeout: f.IdleTimeout, HardTimeout: f.HardTimeout, Match: f.Match, Instructions: f.Instructions,
				BufferID: ofp13.NoBuffer, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny,
			}
			if err := sw.FlowMod(m); err != nil {
				a.t.Errorf("entry %x is told, but refused: %v", b, err)
			}
		}
	}
	<-done
}
