package kernel

import (
	"errors"
	"fmt"
	"os"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// families are the numbers that the kernel gave the generic netlink families.
type families struct {
	datapath, vport, flow, packet uint16
	meter                         uint16 // 0 if the module has no meters
	datapathGroup, vportGroup     uint32 // multicast
}

// control is the connection for requests about datapaths and ports. One
// goroutine at a time uses it.
type control struct {
	conn *genetlink.Conn
	families
}

// dialControl connects and looks the families up, which loads the module where
// the system lets it.
func dialControl() (*control, error) {
	conn, err := genetlink.Dial(&netlink.Config{Strict: true})
	if err != nil {
		return nil, fmt.Errorf("connect to generic netlink: %w", err)
	}
	c := &control{conn: conn}
	if err := c.lookUp(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *control) lookUp() error {
	for _, f := range [...]struct {
		name  string
		id    *uint16
		group *uint32
	}{
		{datapathFamily, &c.families.datapath, &c.datapathGroup},
		{vportFamily, &c.vport, &c.vportGroup},
		{flowFamily, &c.flow, nil},
		{packetFamily, &c.packet, nil},
	} {
		family, err := c.conn.GetFamily(f.name)
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("the kernel has no %s; load its module (modprobe openvswitch): %w", f.name, datapath.ErrUnsupported)
		}
		if err != nil {
			return fmt.Errorf("look up generic netlink family %s: %w", f.name, err)
		}
		*f.id = family.ID
		for _, g := range family.Groups {
			if f.group != nil && g.Name == f.name {
				*f.group = g.ID
			}
		}
	}
	if family, err := c.conn.GetFamily(meterFamily); err == nil {
		c.meter = family.ID
	}
	return nil
}

func (c *control) close() { _ = c.conn.Close() }

// request sends one request about a datapath, or about all with dp 0, and
// returns the answers' attributes, each behind its struct ovs_header.
func (c *control) request(family uint16, flags netlink.HeaderFlags, cmd, version uint8, dp uint32, attrs []byte) ([]reply, error) {
	msg := genetlink.Message{
		Header: genetlink.Header{Command: cmd, Version: version},
		Data:   append(host.AppendUint32(nil, dp), attrs...),
	}
	answers, err := c.conn.Execute(msg, family, netlink.Request|flags)
	if err != nil {
		return nil, err
	}
	replies := make([]reply, 0, len(answers))
	for _, a := range answers {
		if r, ok := readReply(a); ok {
			replies = append(replies, r)
		}
	}
	return replies, nil
}

// reply is a message of the families of datapaths and ports.
type reply struct {
	cmd   uint8
	dp    uint32
	attrs []byte
}

func readReply(m genetlink.Message) (reply, bool) {
	if len(m.Data) < 4 {
		return reply{}, false
	}
	return reply{m.Header.Command, host.Uint32(m.Data), m.Data[4:]}, true
}

// newDatapath makes a datapath and returns its index.
func (c *control) newDatapath(name string) (uint32, error) {
	b := appendStringAttr(nil, dpAttrName, name)
	b = appendUint32Attr(b, dpAttrUpcallPID, 0) // the local port is deaf until it is added
	b = appendUint32Attr(b, dpAttrUserFeatures, dpUnaligned)
	if _, err := c.request(c.families.datapath, netlink.Acknowledge, cmdNew, datapathVersion, 0, b); err != nil {
		return 0, err
	}
	return c.datapathIndex(name)
}

// datapathIndex finds a datapath by name; unix.ENODEV if there is none.
func (c *control) datapathIndex(name string) (uint32, error) {
	replies, err := c.request(c.families.datapath, 0, cmdGet, datapathVersion, 0, appendStringAttr(nil, dpAttrName, name))
	if err != nil {
		return 0, err
	}
	for _, r := range replies {
		return r.dp, nil
	}
	return 0, unix.ENODEV
}

// claimDatapath sets the features of a datapath that somebody else made.
func (c *control) claimDatapath(dp uint32) error {
	b := appendUint32Attr(nil, dpAttrUserFeatures, dpUnaligned)
	_, err := c.request(c.families.datapath, netlink.Acknowledge, cmdSet, datapathVersion, dp, b)
	return err
}

func (c *control) deleteDatapath(dp uint32) error {
	_, err := c.request(c.families.datapath, netlink.Acknowledge, cmdDel, datapathVersion, dp, nil)
	return err
}

// newPort attaches a port whose upcalls go to the socket with the port id pid.
func (c *control) newPort(dp, no, typ uint32, name string, pid uint32) error {
	b := appendUint32Attr(nil, vportAttrPortNo, no)
	b = appendUint32Attr(b, vportAttrType, typ)
	b = appendStringAttr(b, vportAttrName, name)
	b = appendUint32Attr(b, vportAttrUpcallPID, pid)
	_, err := c.request(c.vport, netlink.Acknowledge, cmdNew, vportVersion, dp, b)
	return err
}

// setPort redirects a port's upcalls; pid 0 ends them.
func (c *control) setPort(dp, no, pid uint32) error {
	b := appendUint32Attr(nil, vportAttrPortNo, no)
	b = appendUint32Attr(b, vportAttrUpcallPID, pid)
	_, err := c.request(c.vport, netlink.Acknowledge, cmdSet, vportVersion, dp, b)
	return err
}

func (c *control) deletePort(dp, no uint32) error {
	_, err := c.request(c.vport, netlink.Acknowledge, cmdDel, vportVersion, dp, appendUint32Attr(nil, vportAttrPortNo, no))
	return err
}

// portByName finds a port of any datapath by its interface; unix.ENODEV if it
// is none.
func (c *control) portByName(name string) (PortInfo, uint32, error) {
	replies, err := c.request(c.vport, 0, cmdGet, vportVersion, 0, appendStringAttr(nil, vportAttrName, name))
	if err != nil {
		return PortInfo{}, 0, err
	}
	for _, r := range replies {
		return readPort(r.attrs), r.dp, nil
	}
	return PortInfo{}, 0, unix.ENODEV
}

// ports appends the ports of a datapath, by number.
func (c *control) ports(dp uint32) ([]PortInfo, error) {
	// The kernel answers with OVS_VPORT_CMD_GET in some releases, _NEW in others.
	replies, err := c.request(c.vport, netlink.Dump, cmdGet, vportVersion, dp, nil)
	if err != nil {
		return nil, err
	}
	ports := make([]PortInfo, 0, len(replies))
	for _, r := range replies {
		if r.dp == dp {
			ports = append(ports, readPort(r.attrs))
		}
	}
	sortPorts(ports)
	return ports, nil
}
