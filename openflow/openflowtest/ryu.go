package openflowtest

import (
	"bytes"
	"fmt"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// Ryu plays Ryu, or os-ken, with a learning switch: a HELLO without elements,
// features, ports, a table-miss flow, and an echo request with data.
func Ryu(c *Controller) error {
	p := newPlayer("Ryu", c)
	p.ryuHandshake()
	miss := *complete(&ofp.FlowMod{
		Command:      ofp.FlowAdd,
		Cookie:       0x0a11,
		Instructions: ofp.Instructions{apply(toController(0xffff))},
	})
	p.flowMod("FLOW_MOD table miss", miss)
	p.barrier()
	p.checkFlows([]ofp.FlowMod{miss})
	p.step("ECHO", func() error {
		data := []byte("are you there?")
		m, err := p.Request(of.TypeEchoRequest, bytes.NewReader(data), of.TypeEchoReply)
		if err == nil && !bytes.Equal(m.Body, data) {
			err = fmt.Errorf("echo of %q is %q", data, m.Body)
		}
		return err
	})
	p.flowMod("FLOW_MOD delete table miss", ofp.FlowMod{
		Command: ofp.FlowDelete, Table: ofp.TableAll, Cookie: miss.Cookie, CookieMask: ^uint64(0),
	})
	p.barrier()
	return p.err
}

// ryuHandshake is how every application on that framework begins.
func (p *player) ryuHandshake() {
	p.sendHello(4)
	p.expectHello()
	p.getFeatures()
	p.getPorts()
}
