package vport

import (
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// MaxPorts is how many ports a switch has at most, LOCAL not counted.
const MaxPorts = 1024

// Links is what ports ask of the host; internal/link answers it.
type Links interface {
	// Get reads an interface. Any goroutine may call it.
	Get(name string) (link.Link, error)
	// Classes reads the classes of the htb at the root of an interface. Any
	// goroutine may call it.
	Classes(index int) ([]link.Class, error)
	// Mode and SetUp are called by main alone.
	Mode(name string) link.Mode
	SetUp(name string, up bool) error
}

// Config is what Ports stands on.
type Config struct {
	Datapath datapath.Ports
	Links    Links
	// Publish makes forwarding know the ports, at once for new translations.
	Publish func(*translate.PortSet)
	// Status tells controllers of a port; valid only during the call.
	Status func(*ofp13.PortStatus)
	Log    *logrus.Entry
	// Now is the clock. Any goroutine may call it.
	Now func() time.Time
}

// Ports are a switch's ports. The main goroutine owns them; every method is
// for it only.
type Ports struct {
	cfg     Config
	byName  map[string]*port
	numbers map[string]datapath.PortNo // of names that left, so that they get the same again
	shapes  map[int]*shape             // of interfaces that have an htb, ports or not, by index

	attempts map[*port]attempt // of ports whose interface another switch has
}

// port is a port of ours, attached or waiting.
type port struct {
	spec     datapath.PortSpec
	attached bool
	link     link.Link
	mode     link.Mode
	config   uint32 // OFPPC_NO_RECV, _NO_FWD, _NO_PACKET_IN; PORT_DOWN is the link's
	since    time.Time
	// refused is the index of the interface that is not to be attached, because
	// another program took it out of the datapath, or because it can't be, until
	// it has been gone or another comes. 0 for none.
	refused int
}

// New returns a switch's ports: none yet.
func New(cfg Config) *Ports {
	return &Ports{cfg: cfg, byName: map[string]*port{}, numbers: map[string]datapath.PortNo{}, shapes: map[int]*shape{}, attempts: map[*port]attempt{}}
}

// Errors that callers decide on.
var (
	ErrExists  = errors.New("the switch has this port already")
	ErrUnknown = errors.New("the switch has no such port")
	ErrLocal   = errors.New("it lives as long as the switch")
	ErrFull    = fmt.Errorf("the switch has %d ports already", MaxPorts)
)

// Add attaches an interface as a port. On an error nothing has changed.
func (p *Ports) Add(name string, kind datapath.PortKind) (datapath.PortNo, error) {
	prt, err := p.reserve(name, kind)
	if err != nil {
		return 0, err
	}
	if err := p.attach(prt); err != nil {
		delete(p.byName, name)
		return 0, err
	}
	return prt.spec.No, nil
}

// Await attaches an interface as a port, now or, if that fails, when the
// interface appears: its number is reserved. The error says why not now.
func (p *Ports) Await(name string, kind datapath.PortKind) (datapath.PortNo, error) {
	prt, err := p.reserve(name, kind)
	if err != nil {
		return 0, err
	}
	err = p.attach(prt)
	p.postpone(prt, err)
	return prt.spec.No, err
}

// Delete takes a port away. Its name keeps the number for a return.
func (p *Ports) Delete(name string) error {
	prt := p.byName[name]
	switch {
	case prt == nil:
		return fmt.Errorf("port %s: %w", name, ErrUnknown)
	case prt.spec.Kind == datapath.LocalPort:
		return fmt.Errorf("port %s is LOCAL: %w", name, ErrLocal)
	}
	p.detach(prt)
	delete(p.byName, name)
	if len(p.numbers) < MaxPorts {
		p.numbers[name] = prt.spec.No
	}
	return nil
}

func (p *Ports) reserve(name string, kind datapath.PortKind) (*port, error) {
	if p.byName[name] != nil {
		return nil, fmt.Errorf("port %s: %w", name, ErrExists)
	}
	no := datapath.Local
	if kind != datapath.LocalPort {
		var err error
		if no, err = p.number(name); err != nil {
			return nil, fmt.Errorf("port %s: %w", name, err)
		}
	}
	prt := &port{spec: datapath.PortSpec{No: no, Name: name, Kind: kind}}
	p.byName[name] = prt
	return prt, nil
}

// number chooses the number for a name: the one that it had, else the lowest
// that nobody has or had, else the lowest that nobody has.
func (p *Ports) number(name string) (datapath.PortNo, error) {
	taken := make(map[datapath.PortNo]bool, len(p.byName))
	for _, other := range p.byName {
		taken[other.spec.No] = true
	}
	if no, ok := p.numbers[name]; ok && !taken[no] {
		return no, nil
	}
	remembered := make(map[datapath.PortNo]bool, len(p.numbers))
	for _, no := range p.numbers {
		remembered[no] = true
	}
	var reuse datapath.PortNo
	for no := datapath.PortNo(1); no <= MaxPorts; no++ {
		switch {
		case taken[no]:
		case !remembered[no]:
			return no, nil
		case reuse == 0:
			reuse = no
		}
	}
	if reuse == 0 {
		return 0, ErrFull
	}
	return reuse, nil
}

// attach puts a port of ours into forwarding, the datapath and the
// controllers' view, or leaves it waiting.
func (p *Ports) attach(prt *port) error {
	name := prt.spec.Name
	if prt.spec.Kind == datapath.Netdev {
		// Asked first, so that a missing interface is told in plain words.
		switch l, err := p.cfg.Links.Get(name); {
		case err != nil:
			return err
		case l.Name != name: // by which the events of the interface are told
			return fmt.Errorf("attach %s: it is an alternative name of %s; use that", name, l.Name)
		}
	}
	prt.attached = true
	p.publish()
	if err := p.cfg.Datapath.AddPort(prt.spec); err != nil {
		prt.attached = false
		p.publish()
		return fmt.Errorf("attach %s: %w", name, err)
	}
	p.bringUp(prt)
	p.read(prt)
	prt.since, prt.refused = p.cfg.Now(), 0
	p.publish()
	p.tell(prt, ofp13.PortReasonAdd)
	p.cfg.Log.WithFields(logrus.Fields{"port": name, "number": prt.spec.No}).Info("port attached")
	return nil
}

// bringUp sets an interface up, as the original does for every port that it
// gets. LOCAL is the administrator's.
func (p *Ports) bringUp(prt *port) {
	if prt.spec.Kind == datapath.LocalPort {
		return
	}
	if err := p.cfg.Links.SetUp(prt.spec.Name, true); err != nil {
		p.cfg.Log.WithError(err).WithField("port", prt.spec.Name).Warn("port stays down")
	}
}

// detach is the way back, whether or not the datapath still has the port.
func (p *Ports) detach(prt *port) {
	if !prt.attached {
		return
	}
	if err := p.cfg.Datapath.DeletePort(prt.spec.No); err != nil && !errors.Is(err, datapath.ErrNoPort) {
		p.cfg.Log.WithError(err).WithField("port", prt.spec.Name).Warn("datapath keeps the port")
	}
	p.tell(prt, ofp13.PortReasonDelete)
	prt.attached = false
	p.publish()
	p.cfg.Log.WithFields(logrus.Fields{"port": prt.spec.Name, "number": prt.spec.No}).Info("port detached")
}

// read learns how the interface is now.
func (p *Ports) read(prt *port) {
	if l, err := p.cfg.Links.Get(prt.spec.Name); err == nil {
		prt.link = l
	}
	prt.mode = p.cfg.Links.Mode(prt.spec.Name)
}

func (p *Ports) publish() {
	ports := make([]translate.Port, 0, len(p.byName))
	for _, prt := range p.byName {
		if !prt.attached {
			continue
		}
		ports = append(ports, translate.Port{
			No:       prt.spec.No,
			Name:     prt.spec.Name,
			HWAddr:   prt.link.HWAddr,
			Config:   prt.openFlowConfig(),
			LinkDown: !prt.link.Running,
			HTB:      p.htb(prt),
		})
	}
	p.cfg.Publish(translate.NewPortSet(ports))
}

func (p *Ports) tell(prt *port, reason uint8) {
	p.cfg.Status(&ofp13.PortStatus{Reason: reason, Port: prt.describe()})
}

// byNumber returns an attached port, or nil.
func (p *Ports) byNumber(no datapath.PortNo) *port {
	for _, prt := range p.byName {
		if prt.attached && prt.spec.No == no {
			return prt
		}
	}
	return nil
}
