package e2e

import (
	"net"
	"testing"

	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// listenForSwitch listens where a lab's switch looks for its controller.
func (l *lab) listenForSwitch(t *testing.T) net.Listener {
	t.Helper()
	var listener net.Listener
	err := l.Do(func() (err error) {
		listener, err = net.Listen("tcp", controllerAddress)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// What well-known controllers send at their start, message by message, gets the
// answers without which they would hang up; each of them finds the switch as the
// one before has left it.
func TestHandshakes(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	listener := l.listenForSwitch(t)
	l.start(t, "-c", controllerAddress)
	for _, script := range openflowtest.Scripts() {
		t.Run(script.Name, func(t *testing.T) {
			c, err := openflowtest.Accept(listener)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := script.Play(c); err != nil {
				t.Error(err)
			}
		})
	}
}
