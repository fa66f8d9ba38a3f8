package openflow

import (
	"bytes"
	"strings"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Trap 1: there are controllers that wait for the switch's HELLO. It offers 1.3
// and nothing else, in the header and in a bitmap.
func TestHelloComesFirst(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).dial()
	m, err := c.Receive()
	must(t, err)
	want := []byte{0, 1, 0, 8, 0, 0, 0, 0x10}
	if m.Type != of.TypeHello || m.Version != 4 || !bytes.Equal(m.Body, want) {
		t.Errorf("first message %v, version %d, body %x; want a HELLO, 4, %x", m, m.Version, m.Body, want)
	}
}

// Trap 2: HELLOs come in many forms.
func TestHelloForms(t *testing.T) {
	tests := []struct {
		name    string
		hello   []byte
		refused bool
	}{
		{"1.3 without elements", rawMessage(4, 0, 8, 1), false},
		{"1.3 with a bitmap", rawMessage(4, 0, 16, 1, 0, 1, 0, 8, 0, 0, 0, 0x10), false},
		{"1.5 with a bitmap from 1.0 on", rawMessage(6, 0, 16, 1, 0, 1, 0, 8, 0, 0, 0, 0x7e), false},
		{"1.5 without elements", rawMessage(6, 0, 8, 1), false},
		{"unknown element before the bitmap", rawMessage(6, 0, 24, 1, 0, 9, 0, 5, 1, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0x10), false},
		{"bitmap of two words", rawMessage(4, 0, 24, 1, 0, 1, 0, 12, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0), false},
		{"version of the future", rawMessage(0xff, 0, 8, 1), false},
		{"1.0 without elements", rawMessage(1, 0, 8, 1), true},
		{"1.5 with a bitmap without 1.3", rawMessage(6, 0, 16, 1, 0, 1, 0, 8, 0, 0, 0, 0x62), true},
		{"element longer than the message", rawMessage(4, 0, 16, 1, 0, 1, 0, 80, 0, 0, 0, 0x10), true},
		{"no HELLO at all", rawMessage(4, byte(of.TypeFeaturesRequest), 8, 1), true},
		{"HELLO with a length of 4", rawMessage(4, 0, 4, 1), true},
	}
	h := start(t, &fakeSwitch{}, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := h.dial()
			must(t, c.SendBytes(tt.hello))
			_, err := c.Expect(of.TypeHello)
			must(t, err)
			if !tt.refused {
				_, err := c.Request(of.TypeFeaturesRequest, nil, of.TypeFeaturesReply)
				must(t, err)
				return
			}
			m, err := c.ExpectError(1, ofp.ErrTypeHelloFailed, ofp.ErrCodeHelloFailedIncompatible)
			must(t, err)
			if text := string(m.ErrorData()); !strings.ContainsAny(text, "HELLO 1.3") {
				t.Errorf("text %q does not say what is wrong", text)
			}
			if more, err := c.ExpectClose(); err != nil || len(more) > 0 {
				t.Errorf("then %v, %v; want the end", more, err)
			}
		})
	}
}

// What comes behind a refused HELLO is not looked at, not even another HELLO.
func TestNothingAfterRefusal(t *testing.T) {
	sw := &fakeSwitch{}
	h := start(t, sw, nil)
	c := h.dial()
	stream := append(rawMessage(1, 0, 8, 1), rawMessage(4, 0, 8, 2)...)
	must(t, c.SendBytes(validRequests()[ofp13.TypeFlowMod].AppendTo(stream, 3)))
	before, err := c.ExpectClose()
	must(t, err)
	if len(before) != 2 || before[1].Type != of.TypeError || before[1].Transaction != 1 {
		t.Errorf("got %v, want our HELLO and one error", before)
	}
	h.run(func() {
		if len(sw.calls) != 0 {
			t.Errorf("the switch was asked for %v", sw.calls)
		}
	})
}

// The last words must reach a peer that goes on sending, although a closed socket
// answers that with a reset, which throws away what is still to be sent.
func TestLastWordsArrive(t *testing.T) {
	h := start(t, &fakeSwitch{}, func(cfg *Config) { cfg.Limits.FlushTimeout = 3 * time.Second })
	c := h.connect()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		stream := bytes.Repeat(rawMessage(4, 99, 60_000, 7, make([]byte, 59_992)...), 40)
		err := c.SendBytes(append(stream, rawMessage(4, 2, 4, 8)...))
		for err == nil {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				err = c.SendBytes(make([]byte, 1000))
			}
		}
	}()
	time.Sleep(50 * time.Millisecond)
	for range 40 {
		_, err := c.ExpectError(7, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestBadType)
		must(t, err)
		time.Sleep(2 * time.Millisecond)
	}
	_, err := c.ExpectError(8, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestLen)
	must(t, err)
	close(stop)
	<-stopped
}

// A peer that refuses us first gets no error back, only the end.
func TestPeerRefusesUs(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).dial()
	must(t, c.SendBytes(rawMessage(1, byte(of.TypeError), 12, 1, 0, 0, 0, 0)))
	if before, err := c.ExpectClose(); err != nil || len(before) != 1 {
		t.Errorf("got %v, %v; want our HELLO and the end", before, err)
	}
}

func TestPeerWithoutHello(t *testing.T) {
	h := start(t, &fakeSwitch{}, func(cfg *Config) { cfg.Limits.HelloTimeout = 20 * time.Millisecond })
	c := h.dial()
	if before, err := c.ExpectClose(); err != nil || len(before) != 1 {
		t.Errorf("got %v, %v; want our HELLO and the end", before, err)
	}
	c = h.dial()
	must(t, c.SendBytes(rawMessage(4, byte(of.TypeEchoReply), 8, 1))) // is no HELLO
	if before, err := c.ExpectClose(); err != nil || len(before) != 2 {
		t.Errorf("got %v, %v; want our HELLO, an error and the end", before, err)
	}
	patient := h.connect()
	time.Sleep(40 * time.Millisecond)
	must(t, patient.Barrier()) // the deadline is over with the HELLO
}

func TestSecondHelloChangesNothing(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	must(t, c.SendBytes(rawMessage(1, 0, 8, 5)))
	must(t, c.Barrier())
}
