package openflow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// pieces is the read side of a connection whose bytes come in pieces of given
// sizes, again and again.
type pieces struct {
	net.Conn
	bytes []byte
	sizes []byte
	next  int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.bytes) == 0 {
		return 0, io.EOF
	}
	n := len(p.bytes)
	if len(p.sizes) > 0 {
		n = 1 + int(p.sizes[p.next%len(p.sizes)])
		p.next++
	}
	n = copy(b, p.bytes[:min(n, len(p.bytes))])
	p.bytes = p.bytes[n:]
	return n, nil
}

func (p *pieces) SetReadDeadline(time.Time) error  { return nil }
func (p *pieces) SetWriteDeadline(time.Time) error { return nil }

// outcome is what main gets to see of one request.
type outcome struct {
	header ofp13.Header
	frame  string
	failed bool
}

// readAll runs a reader over bytes and hands its batches back like main.
func readAll(nc net.Conn) (outcomes []outcome, err error) {
	limits := Limits{}.withDefaults()
	c := newConn(nc, &limits, func(e Event) bool {
		switch e := e.(type) {
		case *batch:
			for _, r := range e.requests[:e.n] {
				outcomes = append(outcomes, outcome{r.header, string(r.frame), r.err != nil})
			}
			e.conn.free <- e
		case hungUp:
			err = e.err
		}
		return true
	})
	c.read()
	return outcomes, err
}

// obvious cuts a stream into messages the plain way. The first always reaches
// main; of the rest, echo replies and parts that are not the last do not. It
// gives up on streams with too many unfinished requests.
func obvious(b []byte) (headers []ofp13.Header, ok bool) {
	open := map[[2]uint32]bool{}
	for first := true; len(b) >= 8; first = false {
		h := peekHeader(b)
		if h.Length < 8 {
			return append(headers, h), true
		}
		if len(b) < int(h.Length) {
			return headers, true
		}
		frame := b[:h.Length]
		b = b[h.Length:]
		if first {
			headers = append(headers, h)
			continue
		}
		if h.Version == 4 && h.Type == ofp13.TypeEchoReply {
			continue
		}
		if h.Version == 4 && h.Type == ofp13.TypeMultipartRequest && len(frame) >= 16 {
			key := [2]uint32{h.XID, uint32(binary.BigEndian.Uint16(frame[8:]))}
			if more := frame[11]&1 == 1; more {
				open[key] = true
				if len(open) > maxUnfinished {
					return nil, false
				}
				continue
			}
			delete(open, key)
		}
		headers = append(headers, h)
	}
	return headers, true
}

// FuzzReader feeds any bytes in any pieces to a reader: it does not panic, finds
// the same messages as the plain way, and says the same whatever the pieces.
func FuzzReader(f *testing.F) {
	var all []byte
	for typ, m := range validRequests() {
		b := m.AppendTo(nil, uint32(typ))
		f.Add(b, []byte{0})
		all = append(all, b...)
	}
	f.Add(all, []byte{6, 200, 0})
	f.Add(rawMessage(4, 18, 16, 1, 0, 12, 0, 1, 0, 0, 0, 0), []byte{3})
	f.Add(rawMessage(4, 2, 7, 1), []byte{})
	f.Add(bytes.Repeat(rawMessage(4, 2, 8, 1), 200), []byte{99})
	f.Fuzz(func(t *testing.T, stream, sizes []byte) {
		whole, err := readAll(&pieces{bytes: stream})
		if err == nil {
			t.Fatal("the stream ended without an error")
		}
		cut, _ := readAll(&pieces{bytes: stream, sizes: sizes})
		if len(whole) != len(cut) {
			t.Fatalf("%d requests at once, %d in pieces", len(whole), len(cut))
		}
		for i := range whole {
			if whole[i] != cut[i] {
				t.Fatalf("request %d is %+v at once, %+v in pieces", i, whole[i], cut[i])
			}
		}
		want, ok := obvious(stream)
		if !ok {
			return
		}
		if len(whole) != len(want) {
			t.Fatalf("%d requests, want %d", len(whole), len(want))
		}
		for i, h := range want {
			if whole[i].header != h {
				t.Fatalf("request %d has header %+v, want %+v", i, whole[i].header, h)
			}
		}
	})
}

// Reading must not cost garbage in the steady state of a flood of flow-mods.
func TestReaderAllocatesNothing(t *testing.T) {
	stream := bytes.Repeat(validRequests()[ofp13.TypeFlowMod].AppendTo(nil, 1), 10*batchMessages)
	p := &pieces{}
	limits := Limits{}.withDefaults()
	c := newConn(p, &limits, nil)
	n := 0
	c.post = func(e Event) bool {
		n += e.(*batch).n
		c.free <- e.(*batch)
		return true
	}
	r := reader{conn: c}
	allocs := testing.AllocsPerRun(10, func() {
		p.bytes = stream
		if err := r.run(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		c.free <- r.batch // the one that was being filled
	})
	if n == 0 || allocs != 0 {
		t.Errorf("%.1f allocations for %d messages", allocs, 10*batchMessages)
	}
}

// TestReaderKeepsLittle sends flow-mods that are as long as can be, in which a
// long list of actions comes later and later in a list of instructions. What
// decoding one needs must not stay: neither room for one list per place, nor
// for one message per request of a batch.
func TestReaderKeepsLittle(t *testing.T) {
	const messages = 200
	var stream []byte
	for i := range messages {
		m := ofp13.FlowMod{Instructions: make([]ofp13.Instruction, i)}
		for j := range m.Instructions {
			m.Instructions[j] = ofp13.Instruction{Type: ofp13.InstructionExperimenter}
		}
		actions := (maxMessageLen - 64 - 8*i) / 8
		m.Instructions = append(m.Instructions, ofp13.Instruction{
			Type:    ofp13.InstructionApplyActions,
			Actions: slices.Repeat([]ofp13.Action{{Type: ofp13.ActionDecNwTTL}}, actions),
		})
		stream = m.AppendTo(stream, uint32(i))
		for range (messages - i) % batchMessages { // the next one meets another request
			stream = append(stream, rawMessage(4, ofp13.TypeBarrierRequest, 8, 0)...)
		}
	}
	kept := keptAfter(t, stream, messages, func(r *request) bool {
		m, ok := r.body.(*ofp13.FlowMod)
		return ok && len(m.Instructions) > 0
	})
	if kept > 4<<20 {
		t.Errorf("the connection's batches keep %d KiB", kept>>10)
	}
}

// TestReaderForgetsBodies sends requests in two parts, of which the second is
// short. The values that they decode to are many times as large, and must not
// stay until another request takes their place in a batch.
func TestReaderForgetsBodies(t *testing.T) {
	const messages = batchMessages
	features := ofp13.TableFeatures{Properties: make([]ofp13.TableFeatureProperty, 7000)}
	for i := range features.Properties {
		features.Properties[i].Type = ofp13.TablePropNextTables
	}
	body := features.Append(nil)
	var stream []byte
	for i := range uint32(messages) {
		part := ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Flags: ofp13.MultipartMore, Body: body}
		stream = part.AppendTo(stream, i)
		for range messages - 1 - i { // the next one meets another request
			stream = append(stream, rawMessage(4, ofp13.TypeBarrierRequest, 8, 0)...)
		}
		part = ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures}
		stream = part.AppendTo(stream, i)
	}
	kept := keptAfter(t, stream, messages, func(r *request) bool {
		m, ok := r.body.(*tableFeaturesRequest)
		return ok && len(m.tables) == 1
	})
	if kept > 8<<20 {
		t.Errorf("the connection's batches keep %d KiB", kept>>10)
	}
}

// keptAfter returns how many bytes a connection holds that has read a HELLO and
// a stream, of which so many requests must be of a kind.
func keptAfter(t *testing.T, stream []byte, requests int, kind func(*request) bool) int64 {
	t.Helper()
	hello := rawMessage(4, ofp13.TypeHello, 8, 0)
	limits := Limits{}.withDefaults()
	seen := 0
	c := newConn(&pieces{bytes: append(hello, stream...)}, &limits, func(e Event) bool {
		if b, ok := e.(*batch); ok {
			for i := range b.requests[:b.n] {
				if r := &b.requests[i]; r.err == nil && kind(r) {
					seen++
				}
			}
			b.conn.free <- b
		}
		return true
	})
	before := heap()
	c.read()
	kept := heap() - before
	if seen != requests {
		t.Fatalf("%d of %d requests were decoded", seen, requests)
	}
	runtime.KeepAlive(c)
	return kept
}
