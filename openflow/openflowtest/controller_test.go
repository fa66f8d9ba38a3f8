package openflowtest

import (
	"net"
	"strings"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair returns a controller and a function that sends bytes to it as a switch.
func pair(t *testing.T, fromSwitch ...[]byte) *Controller {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, b := range fromSwitch {
			if _, err := theirs.Write(b); err != nil {
				return
			}
		}
	}()
	read := make(chan struct{})
	go func() { // takes whatever the controller sends
		defer close(read)
		buf := make([]byte, 4096)
		for {
			if _, err := theirs.Read(buf); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
		<-done
		<-read
	})
	c := NewController(ours)
	c.Timeout = 50 * time.Millisecond
	return c
}

func raw(typ of.Type, xid byte, body ...byte) []byte {
	return append([]byte{4, byte(typ), 0, byte(HeaderLen + len(body)), 0, 0, 0, xid}, body...)
}

func TestExpect(t *testing.T) {
	tests := []struct {
		name   string
		answer []byte
		expect func(*Controller) error
		fails  string // part of the error; empty for none
	}{
		{"the right one", raw(of.TypeBarrierReply, 5),
			func(c *Controller) error { _, err := c.ExpectReply(5, of.TypeBarrierReply); return err }, ""},
		{"another type", raw(of.TypeEchoReply, 5),
			func(c *Controller) error { _, err := c.ExpectReply(5, of.TypeBarrierReply); return err }, "TypeEchoReply"},
		{"another xid", raw(of.TypeBarrierReply, 6),
			func(c *Controller) error { _, err := c.ExpectReply(5, of.TypeBarrierReply); return err }, "xid 6"},
		{"nothing", nil,
			func(c *Controller) error { _, err := c.Expect(of.TypeHello); return err }, "timeout"},
		{"a length below 8", []byte{4, 0, 0, 7, 0, 0, 0, 0},
			func(c *Controller) error { _, err := c.Expect(of.TypeHello); return err }, "7 bytes"},
		{"behind an echo request and a packet-in", append(append(raw(of.TypeEchoRequest, 1), raw(of.TypePacketIn, 0)...), raw(of.TypeHello, 2)...),
			func(c *Controller) error { _, err := c.Expect(of.TypeHello); return err }, ""},
		{"the right error", raw(of.TypeError, 5, 0, 1, 0, 2),
			func(c *Controller) error {
				_, err := c.ExpectError(5, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestBadMultipart)
				return err
			}, ""},
		{"another error", raw(of.TypeError, 5, 0, 1, 0, 3),
			func(c *Controller) error {
				_, err := c.ExpectError(5, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestBadMultipart)
				return err
			}, "code 3"},
		{"an open connection", nil,
			func(c *Controller) error { _, err := c.ExpectClose(); return err }, "keeps the connection open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.expect(pair(t, tt.answer))
			if tt.fails == "" && err != nil {
				t.Errorf("got %v", err)
			}
			if tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("got %v, want an error with %q", err, tt.fails)
			}
		})
	}
}

func TestAsyncIsKept(t *testing.T) {
	c := pair(t, raw(of.TypePacketIn, 0, 1), raw(of.TypePortStatus, 0, 2), raw(of.TypeHello, 0), raw(of.TypeFlowRemoved, 0, 3))
	if _, err := c.Expect(of.TypeHello); err != nil {
		t.Fatal(err)
	}
	for _, want := range []of.Type{of.TypePortStatus, of.TypeFlowRemoved} {
		if m, err := c.ExpectAsync(want); err != nil || m.Type != want {
			t.Errorf("got %v, %v; want %v", m, err, want)
		}
	}
	if rest := c.Async(); len(rest) != 1 || rest[0].Type != of.TypePacketIn {
		t.Errorf("kept %v, want the packet-in", rest)
	}
	if rest := c.Async(); len(rest) != 0 {
		t.Errorf("kept %v twice", rest)
	}
}

func TestMessageReadsZerosBeyondItsEnd(t *testing.T) {
	m := Message{Body: []byte{1, 2, 3}}
	if m.Uint8(0) != 1 || m.Uint16(1) != 0x0203 || m.Uint16(2) != 0 || m.Uint32(0) != 0 || m.Uint64(8) != 0 {
		t.Error("fields are read wrongly")
	}
}

// first makes a message the answer to a controller's first request.
func first(b []byte) []byte {
	b[6], b[7] = 0x10, 0x01
	return b
}

// The scripts must notice what their controllers would: each of these answers
// breaks a real one.
func TestScriptsNotice(t *testing.T) {
	hello := raw(of.TypeHello, 0, 0, 1, 0, 8, 0, 0, 0, 0x10)
	tests := []struct {
		name   string
		script func(*Controller) error
		sent   [][]byte
		fails  string
	}{
		{"no HELLO", ONOS, nil, "HELLO of the switch"},
		{"a HELLO of 1.4", ONOS, [][]byte{append([]byte{5}, hello[1:]...)}, "version 5"},
		{"a bitmap with 1.0", Ryu, [][]byte{raw(of.TypeHello, 0, 0, 1, 0, 8, 0, 0, 0, 0x12)}, "not 1.3 alone"},
		{"something before HELLO", Faucet, [][]byte{raw(of.TypeFeaturesReply, 0)}, "first message"},
		{"short features", Floodlight, [][]byte{hello, first(raw(of.TypeFeaturesReply, 0))}, "not 24"},
		{"an error for features", ONOS, [][]byte{hello, first(raw(of.TypeError, 0, 0, 1, 0, 1))}, "error type 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.script(pair(t, tt.sent...))
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("got %v, want an error with %q", err, tt.fails)
			}
		})
	}
}

// table is the features of one table with the given properties, without
// contents unless it is apply-actions for misses.
func table(types ...byte) []byte {
	b := make([]byte, 64)
	for _, typ := range types {
		if ofp.TablePropType(typ) == ofp.TablePropTypeApplyActionsMiss {
			b = append(b, 0, typ, 0, 12, 0, 17, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0) // PUSH_VLAN, OUTPUT
			continue
		}
		b = append(b, 0, typ, 0, 4, 0, 0, 0, 0)
	}
	return b
}

func TestCheckProperties(t *testing.T) {
	all := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15}
	if err := checkProperties(table(all...)); err != nil {
		t.Errorf("complete features: %v", err)
	}
	for _, missing := range missProperties {
		var some []byte
		for _, typ := range all {
			if typ != byte(missing) {
				some = append(some, typ)
			}
		}
		if checkProperties(table(some...)) == nil {
			t.Errorf("property %d is missing, and nothing was said", missing)
		}
	}
	if checkProperties(append(table(all...), 0xff, 0xfe, 0, 4, 0, 0, 0, 0)) == nil {
		t.Error("an experimenter's property was accepted")
	}
	if checkProperties(append(table(all...), 0, 2, 0, 99, 0, 0, 0, 0)) == nil {
		t.Error("a property longer than the table was accepted")
	}
}

func TestFindFlowComparesAll(t *testing.T) {
	want := onosPacketRequests()[0]
	sent, err := Encode(0, of.TypeFlowMod, &want)
	if err != nil {
		t.Fatal(err)
	}
	element := make([]byte, flowStatsFixed)
	element[2] = byte(want.Table)
	element[12], element[13] = byte(want.Priority>>8), byte(want.Priority)
	element[19] = byte(want.Flags)
	copy(element[24:], sent[HeaderLen:HeaderLen+8]) // cookie
	element = append(element, sent[HeaderLen+flowModFixed:]...)
	if err := findFlow([][]byte{element}, &want); err != nil {
		t.Fatalf("the flow as it was sent: %v", err)
	}
	for _, offset := range []int{2, 12, 19, 24, flowStatsFixed + 5, len(element) - 1} {
		element[offset] ^= 1
		if findFlow([][]byte{element}, &want) == nil {
			t.Errorf("byte %d is wrong, and nothing was said", offset)
		}
		element[offset] ^= 1
	}
}
