package translate

import (
	"cmp"
	"net"
	"slices"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Port is what forwarding and packet-ins need to know of a port. Its link state
// decides the liveness of buckets that watch it (LivenessToken); output does not
// ask it, since a device without link drops by itself and a flap should not empty
// the cache.
type Port struct {
	No       datapath.PortNo
	Config   uint32 // OFPPC_* (§7.2.1)
	LinkDown bool   // OFPPS_LINK_DOWN
	Name     string
	HWAddr   net.HardwareAddr
	HTB      uint16 // major number of the htb at its root, whose classes are queues; 0 if it has none
}

// receives reports whether frames may come in by the port.
func (p *Port) receives() bool {
	return p.Config&(ofp13.PortConfigDown|ofp13.PortConfigNoRecv) == 0
}

// sends reports whether frames may go out by the port.
func (p *Port) sends() bool {
	return p.Config&(ofp13.PortConfigDown|ofp13.PortConfigNoFwd) == 0
}

// PortSet is the ports at one moment. It is immutable; anyone may read it.
type PortSet struct {
	ports []Port // by number, LOCAL last
	index map[datapath.PortNo]int
	flood []datapath.PortNo // those that send, by number
}

// NewPortSet returns the set of these ports, in any order. It keeps no part of
// the slice.
func NewPortSet(ports []Port) *PortSet {
	s := &PortSet{ports: slices.Clone(ports), index: make(map[datapath.PortNo]int, len(ports))}
	slices.SortFunc(s.ports, func(a, b Port) int { return cmp.Compare(a.No, b.No) })
	for i := range s.ports {
		p := &s.ports[i]
		s.index[p.No] = i
		if p.sends() {
			s.flood = append(s.flood, p.No)
		}
	}
	return s
}

// Get returns a port, or nil if there is none of this number. The port must not
// be changed.
func (s *PortSet) Get(no datapath.PortNo) *Port {
	if i, ok := s.index[no]; ok {
		return &s.ports[i]
	}
	return nil
}

// All returns the ports by number, LOCAL last. The slice must not be changed.
func (s *PortSet) All() []Port { return s.ports }

// Token names something beside tables that a translation depended on. When it
// changes, the translation must be made again.
type Token uint64

// FloodToken is the list of ports that ALL and FLOOD reach, and their queues.
const FloodToken = Token(ofp13.PortFlood)

// PortToken is the existence, the configuration and the queues of a port.
func PortToken(no datapath.PortNo) Token { return Token(no) }

// Changed appends the tokens of what forwarding sees differently in s than in
// old: ports added, removed or configured, and the flood list.
func (s *PortSet) Changed(old *PortSet, tokens []Token) []Token {
	for i := range old.ports {
		if no := old.ports[i].No; s.Get(no) == nil {
			tokens = append(tokens, PortToken(no), LivenessToken(uint32(no)))
		}
	}
	for i := range s.ports {
		p := &s.ports[i]
		was := old.Get(p.No)
		if was != nil && was.HTB != p.HTB {
			tokens = append(tokens, PortToken(p.No), FloodToken)
		}
		if was == nil || was.live() != p.live() {
			tokens = append(tokens, LivenessToken(uint32(p.No)))
		}
		if was == nil || was.sends() != p.sends() || was.receives() != p.receives() {
			tokens = append(tokens, PortToken(p.No))
		}
	}
	if !slices.Equal(s.flood, old.flood) {
		tokens = append(tokens, FloodToken)
	}
	return tokens
}
