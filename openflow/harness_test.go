package openflow

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/openflow/openflowtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// harness runs a Server on a goroutine of its own, which stands for main.
type harness struct {
	t      *testing.T
	server *Server
	sw     *fakeSwitch
	do     chan func()
	stop   chan struct{}
	done   chan struct{}
}

// quietLog keeps the log out of the tests' output.
func quietLog() *logrus.Entry {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return logrus.NewEntry(log)
}

// start runs a server that listens on loopback, until the test ends.
func start(t *testing.T, sw *fakeSwitch, change func(*Config)) *harness {
	t.Helper()
	cfg := Config{Listen: []string{"127.0.0.1:0"}, Log: quietLog()}
	if change != nil {
		change(&cfg)
	}
	h := &harness{t: t, sw: sw, do: make(chan func()), stop: make(chan struct{}), done: make(chan struct{})}
	h.server = NewServer(sw, cfg)
	sw.removed = h.server.FlowRemoved
	if err := h.server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	go h.main()
	t.Cleanup(h.close)
	return h
}

func (h *harness) main() {
	defer close(h.done)
	for {
		select {
		case e := <-h.server.Events():
			h.server.Handle(e)
		case f := <-h.do:
			f()
		case <-h.stop:
			h.server.Close()
			return
		}
	}
}

func (h *harness) close() {
	select {
	case <-h.done:
	default:
		close(h.stop)
		<-h.done
	}
}

// run calls f on main and waits.
func (h *harness) run(f func()) {
	h.t.Helper()
	done := make(chan struct{})
	h.do <- func() { f(); close(done) }
	<-done
}

// await waits until a condition holds on main.
func (h *harness) await(what string, condition func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var ok bool
		if h.run(func() { ok = condition() }); ok {
			return
		}
	}
	h.t.Fatalf("%s: not within 5 s", what)
}

func (h *harness) address() string { return h.server.Addrs()[0].String() }

// dial connects a controller that has sent nothing yet.
func (h *harness) dial() *openflowtest.Controller {
	h.t.Helper()
	c, err := openflowtest.Dial("tcp", h.address())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	return c
}

// connect returns a controller with the HELLOs exchanged.
func (h *harness) connect() *openflowtest.Controller {
	h.t.Helper()
	c := h.dial()
	greet(h.t, c)
	return c
}

// greet exchanges HELLOs, and returns when the switch has read ours.
func greet(t *testing.T, c *openflowtest.Controller) {
	t.Helper()
	if _, err := c.Expect(of.TypeHello); err != nil {
		t.Fatal(err)
	}
	must(t, c.SendBytes([]byte{4, 0, 0, 8, 0, 0, 0, 1}))
	if _, err := c.Request(of.TypeEchoRequest, nil, of.TypeEchoReply); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rawMessage is the bytes of a message: version, type, declared length, xid, body.
func rawMessage(version, typ uint8, length int, xid uint32, body ...byte) []byte {
	b := []byte{version, typ, byte(length >> 8), byte(length), byte(xid >> 24), byte(xid >> 16), byte(xid >> 8), byte(xid)}
	return append(b, body...)
}

// listen opens a loopback listener that a server can dial.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func socketPath(t *testing.T) string { return filepath.Join(t.TempDir(), "s") }
