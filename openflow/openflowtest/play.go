package openflowtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// Script plays one controller's start on a fresh connection and returns what the
// switch did wrong, naming the step.
type Script struct {
	Name string
	Play func(*Controller) error
}

// Scripts are all the controllers that this package plays.
func Scripts() []Script {
	return []Script{
		{"ONOS", ONOS},
		{"Floodlight", Floodlight},
		{"Faucet", Faucet},
		{"Ryu", Ryu},
	}
}

// player goes through a script step by step. After a failure the steps that
// remain do nothing.
type player struct {
	*Controller
	name     string
	features ofp.SwitchFeatures
	ports    []uint32 // numbers of the physical ports
	err      error
}

func newPlayer(name string, c *Controller) *player {
	return &player{Controller: c, name: name}
}

// step runs one step of the script.
func (p *player) step(what string, f func() error) {
	if p.err != nil {
		return
	}
	if err := f(); err != nil {
		p.err = fmt.Errorf("%s: %s: %w", p.name, what, err)
	}
}

// expectHello takes the switch's HELLO, which must offer 1.3 in the header and
// nothing else in the bitmap.
func (p *player) expectHello() {
	p.step("HELLO of the switch", func() error {
		m, err := p.Receive()
		switch {
		case err != nil:
			return err
		case m.Type != of.TypeHello:
			return fmt.Errorf("first message is %v", m)
		case m.Version != 4:
			return fmt.Errorf("header has version %d, not 4", m.Version)
		case len(m.Body) > 0 && m.Uint32(0) != 0x00010008:
			return fmt.Errorf("first element is %#08x, not a bitmap of one word", m.Uint32(0))
		case len(m.Body) > 0 && m.Uint32(4) != 1<<4:
			return fmt.Errorf("bitmap is %#x, not 1.3 alone", m.Uint32(4))
		}
		return nil
	})
}

// sendHello sends a HELLO in a version of the caller's choice; elements are what
// follows the header.
func (p *player) sendHello(version uint8, elements ...byte) {
	p.step("HELLO of the controller", func() error {
		b := []byte{version, byte(of.TypeHello), 0, byte(HeaderLen + len(elements)), 0, 0, 0, 1}
		return p.SendBytes(append(b, elements...))
	})
}

// getFeatures asks who the switch is.
func (p *player) getFeatures() {
	p.step("FEATURES", func() error {
		m, err := p.Request(of.TypeFeaturesRequest, nil, of.TypeFeaturesReply)
		if err != nil {
			return err
		}
		if len(m.Body) != 24 {
			return fmt.Errorf("features reply has a body of %d bytes, not 24", len(m.Body))
		}
		if _, err := p.features.ReadFrom(bytes.NewReader(m.Body)); err != nil {
			return err
		}
		if p.features.AuxiliaryID != 0 || p.features.NumTables == 0 {
			return fmt.Errorf("features say auxiliary id %d, %d tables", p.features.AuxiliaryID, p.features.NumTables)
		}
		return nil
	})
}

// getPorts asks for the ports. The answer must be one part, however many there
// are, as long as they fit: Floodlight drops switches that need a second.
func (p *player) getPorts() {
	p.step("PORT_DESC", func() error {
		const portLen, fit = 64, (0xffff - HeaderLen - multipartHeaderLen) / 64
		parts, err := p.Multipart(ofp.MultipartTypePortDescription, nil)
		if err != nil {
			return err
		}
		if len(parts) > 1 && len(parts[0])/portLen < fit {
			return fmt.Errorf("first of %d parts has %d ports, %d would fit", len(parts), len(parts[0])/portLen, fit)
		}
		for _, part := range parts {
			if len(part)%portLen != 0 {
				return fmt.Errorf("%d bytes are no number of ports", len(part))
			}
			for ; len(part) > 0; part = part[portLen:] {
				if no := (Message{Body: part}).Uint32(0); no < uint32(ofp.PortMax) {
					p.ports = append(p.ports, no)
				}
			}
		}
		return nil
	})
}

// getDesc asks for the description, five strings of fixed size.
func (p *player) getDesc() {
	p.step("DESC", func() error {
		const descLen = 4*256 + 32
		parts, err := p.Multipart(ofp.MultipartTypeDescription, nil)
		if err != nil {
			return err
		}
		if len(parts) != 1 || len(parts[0]) != descLen {
			return fmt.Errorf("description has %d parts, the first of %d bytes, not 1 of %d", len(parts), len(parts[0]), descLen)
		}
		if bytes.Contains(parts[0], []byte("Nicira")) {
			return errors.New("description poses as Open vSwitch, whose extensions are then expected")
		}
		return nil
	})
}

// setMissSendLen changes the configuration.
func (p *player) setMissSendLen(n uint16) {
	p.send("SET_CONFIG", of.TypeSetConfig, &ofp.SwitchConfig{MissSendLength: n})
}

// checkMissSendLen asks for the configuration.
func (p *player) checkMissSendLen(n uint16) {
	p.step("GET_CONFIG", func() error {
		m, err := p.Request(of.TypeGetConfigRequest, nil, of.TypeGetConfigReply)
		if err == nil && m.Uint16(2) != n {
			err = fmt.Errorf("miss_send_len is %d, not %d", m.Uint16(2), n)
		}
		return err
	})
}

// beMaster asks for the master role with generation id 0, as often as it likes:
// an error makes these controllers hang up.
func (p *player) beMaster() {
	p.step("ROLE_REQUEST master, generation 0", func() error {
		m, err := p.Request(of.TypeRoleRequest, &ofp.RoleRequest{Role: ofp.ControllerRoleMaster}, of.TypeRoleReply)
		if err == nil && (m.Uint32(0) != uint32(ofp.ControllerRoleMaster) || m.Uint64(8) != 0) {
			err = fmt.Errorf("reply says role %d, generation %d", m.Uint32(0), m.Uint64(8))
		}
		return err
	})
}

// send sends a message that has no answer. An error shows at the next barrier.
func (p *player) send(what string, typ of.Type, body io.WriterTo) {
	p.step(what, func() error {
		_, err := p.Send(typ, body)
		return err
	})
}

// barrier waits until the switch has done all before, without an error.
func (p *player) barrier() { p.step("BARRIER", p.Barrier) }

// list asks for a multipart whose answer may be empty but not an error.
func (p *player) list(typ ofp.MultipartType, body io.WriterTo) {
	p.step(typ.String(), func() error {
		_, err := p.Multipart(typ, body)
		return err
	})
}

// deleteAllGroups and deleteAllMeters succeed where there are none.
func (p *player) deleteAllGroups(typ ofp.GroupType) {
	p.send("GROUP_MOD delete all", of.TypeGroupMod,
		&ofp.GroupMod{Command: ofp.GroupDelete, Type: typ, Group: ofp.GroupAll})
}

func (p *player) deleteAllMeters() {
	p.send("METER_MOD delete all", of.TypeMeterMod,
		&ofp.MeterMod{Command: ofp.MeterDelete, Meter: ofp.MeterAll})
}
