package openflow

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// TestControllersHandshakes plays the start of each known controller, on a
// connection that it opens and on one that the switch opens.
func TestControllersHandshakes(t *testing.T) {
	for _, script := range openflowtest.Scripts() {
		t.Run(script.Name+" connects", func(t *testing.T) {
			h := start(t, &fakeSwitch{ports: 4}, nil)
			must(t, script.Play(h.dial()))
		})
		t.Run(script.Name+" is dialed", func(t *testing.T) {
			l := listen(t)
			start(t, &fakeSwitch{ports: 4}, func(cfg *Config) {
				cfg.Controllers = []string{l.Addr().String()}
			})
			c, err := openflowtest.Accept(l)
			must(t, err)
			defer c.Close()
			must(t, script.Play(c))
		})
	}
}
