package openflow

import (
	"fmt"
	"strings"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// fakeWatcher is an experimenter that tells of connections in plain words. Who
// sends message 1 watches.
type fakeWatcher struct {
	fakeExperimenter
	server *Server
}

func (f *fakeWatcher) WatchesConnections(expType uint32) bool { return expType == 1 }

func (f *fakeWatcher) Connections() *ofp13.Experimenter {
	var words []string
	for _, info := range f.server.Controllers() {
		words = append(words, fmt.Sprint(info.Connected, " ", info.Role))
	}
	return &ofp13.Experimenter{Experimenter: ours, ExpType: 102, Data: []byte(strings.Join(words, ","))}
}

// told expects to be told of the connections, unasked.
func told(t *testing.T, c *openflowtest.Controller, want string) {
	t.Helper()
	m, err := c.ExpectAsync(of.TypeExperiment)
	must(t, err)
	if m.Transaction != 0 || m.Uint32(0) != ours || m.Uint32(4) != 102 || string(m.Body[8:]) != want {
		t.Errorf("told %q (xid %d), want %q", m.Body[8:], m.Transaction, want)
	}
}

// Who watches is told of each change once; nobody else is told anything.
func TestConnectionWatcher(t *testing.T) {
	f := &fakeWatcher{}
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Experimenters = map[uint32]Experimenter{ours: f}
	})
	h.run(func() { f.server = h.server })
	a, deaf := h.connect(), h.connect()
	must(t, deaf.SendBytes(expMessage(ours, 2, "")))
	must(t, a.SendBytes(expMessage(ours, 1, "")))
	_, err := a.ExpectReply(77, of.TypeExperiment)
	must(t, err)

	c := h.connect()
	told(t, a, "true 1,true 1,true 1")
	ask(t, c, ofp.ControllerRoleMaster, 1)
	told(t, a, "true 1,true 1,true 2")
	ask(t, c, ofp.ControllerRoleMaster, 1) // nothing changes
	ask(t, a, ofp.ControllerRoleMaster, 1)
	told(t, a, "true 2,true 1,true 3")
	must(t, c.Close())
	told(t, a, "true 2,true 1")
	h.run(func() { h.server.addController("192.0.2.1:6653") })
	told(t, a, "false 0,true 2,true 1")

	must(t, a.Barrier())
	must(t, deaf.Barrier())
	if more := append(a.Async(), deaf.Async()...); len(more) != 0 {
		t.Errorf("told unasked: %v", more)
	}
}
