package openflow

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	of "github.com/netrack/openflow"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// sleeping returns an outbox whose writer sleeps and whose socket takes limit
// bytes, which are collected.
func sleeping(limit int) (o *outbox, wrote *bytes.Buffer) {
	o, wrote = newOutbox(testLimits()), new(bytes.Buffer)
	o.direct = func(b []byte) int {
		n, _ := wrote.Write(b[:min(len(b), limit-wrote.Len())])
		return n
	}
	o.take() // as a writer that then sleeps
	return o, wrote
}

// woken reports whether the writer was.
func woken(o *outbox) bool {
	select {
	case <-o.wake:
		return true
	default:
		return false
	}
}

func TestReleaseWritesAtOnce(t *testing.T) {
	o, wrote := sleeping(1000)
	o.hold()
	must(t, o.send(&ofp13.BarrierReply{}, 1))
	must(t, o.send(&ofp13.BarrierReply{}, 2))
	if n := o.release(); n != 2 || len(xids(t, wrote.Bytes())) != 2 {
		t.Errorf("%d messages went, %d bytes", n, wrote.Len())
	}
	if woken(o) || o.backlog() || o.total != (tally{}) || o.replies != (tally{}) {
		t.Errorf("woken or something is left: %+v, %+v", o.total, o.replies)
	}
	if n := o.release(); n != 0 {
		t.Errorf("an empty outbox sent %d messages", n)
	}
}

// What the socket does not take is the writer's, and so is all that comes
// behind it.
func TestReleaseLeavesTheRest(t *testing.T) {
	o, wrote := sleeping(12)
	for xid := range uint32(3) {
		o.hold()
		must(t, o.send(&ofp13.BarrierReply{}, xid))
		o.release()
	}
	if !woken(o) {
		t.Error("the writer sleeps on")
	}
	rest := drainBox(o)
	if list := xids(t, append(wrote.Bytes(), rest...)); len(list) != 3 || list[0] != 0 || list[2] != 2 {
		t.Errorf("messages %v came out", list)
	}
	if o.total != (tally{}) || o.replies != (tally{}) {
		t.Errorf("empty, but %+v and %+v are counted", o.total, o.replies)
	}
}

// Main leaves the socket alone while the writer may use it, and what main does
// not write to it.
func TestReleaseWakesTheWriter(t *testing.T) {
	for name, prepare := range map[string]func(*outbox){
		"at work": func(o *outbox) { o.asleep = false },
		"stream":  func(o *outbox) { o.sendStream(&multipart{stream: noElements()}) },
		"ending":  func(o *outbox) { o.finish(time.Now(), func(time.Time) error { return nil }) },
		"no socket": func(o *outbox) {
			o.direct = nil
		},
	} {
		o, wrote := sleeping(1000)
		o.hold()
		prepare(o)
		must(t, o.send(&ofp13.BarrierReply{}, 1))
		if n := o.release(); n != 0 || wrote.Len() != 0 || !woken(o) {
			t.Errorf("%s: %d messages, %d bytes went past the writer", name, n, wrote.Len())
		}
	}
}

// directWrite takes what fits the socket's buffer, and nothing once it is closed.
func TestDirectWrite(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	must(t, err)
	defer l.Close()
	here, err := net.Dial("unix", l.Addr().String())
	must(t, err)
	there, err := l.Accept()
	must(t, err)
	write := directWrite(here)
	sent := 0
	for n := 1; n > 0; sent += n {
		n = write(make([]byte, 1000))
	}
	if sent == 0 {
		t.Fatal("an empty socket took nothing")
	}
	must(t, here.Close())
	if n := write([]byte{1}); n != 0 {
		t.Errorf("a closed socket took %d bytes", n)
	}
	if got, err := io.Copy(io.Discard, there); err != nil || got != int64(sent) {
		t.Errorf("%d bytes arrived, %v; want %d", got, err, sent)
	}
	must(t, there.Close())
	if a, b := net.Pipe(); directWrite(a) != nil {
		a.Close()
		b.Close()
		t.Error("a pipe has no socket")
	}
}

// Echo requests of an idle connection do not mix with what main writes.
func TestEchoesBetweenDirectReplies(t *testing.T) {
	h := start(t, &fakeSwitch{}, func(cfg *Config) { cfg.Limits.EchoInterval, cfg.Limits.EchoLosses = time.Millisecond, 5000 })
	c := h.connect()
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
		if _, err := c.Request(of.TypeEchoRequest, bytes.NewReader(make([]byte, 500)), of.TypeEchoReply); err != nil {
			t.Fatal(err)
		}
	}
}
