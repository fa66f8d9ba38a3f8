package openflow

import (
	"bytes"
	"strings"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
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

// A refusal must reach a peer that has sent more than was read, although
// closing a socket with unread bytes resets the connection.
func TestRefusalIsReadable(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	for range 20 {
		c := h.dial()
		must(t, c.SendBytes(append(rawMessage(1, 0, 8, 1), make([]byte, 100_000)...)))
		_, err := c.Expect(of.TypeHello)
		must(t, err)
		_, err = c.ExpectError(1, ofp.ErrTypeHelloFailed, ofp.ErrCodeHelloFailedIncompatible)
		must(t, err)
	}
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
