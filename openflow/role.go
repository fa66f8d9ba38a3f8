package openflow

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// election is the master election of the controllers (§6.3.5): the largest
// generation id that was seen, once there was one.
type election struct {
	known      bool
	generation uint64
}

// neverElected is the generation id of replies before any election.
const neverElected = ^uint64(0)

// stale reports whether a generation id is older than the largest seen. Ids
// wrap around, so their distance counts as a signed number. The same id again is
// not stale: there are controllers that always send 0.
func (e *election) stale(generation uint64) bool {
	return e.known && int64(generation-e.generation) < 0
}

func (e *election) current() uint64 {
	if !e.known {
		return neverElected
	}
	return e.generation
}

// roleRequest changes the role of one connection; a new master makes the old
// one a slave, who is not told: 1.3 has no message for it.
func (s *Server) roleRequest(ss *session, r *request) error {
	req := r.body.(*ofp13.RoleRequest)
	switch req.Role {
	case ofp13.RoleNoChange:
	case ofp13.RoleEqual:
		ss.role = ofp13.RoleEqual
	case ofp13.RoleMaster, ofp13.RoleSlave:
		if s.election.stale(req.GenerationID) {
			return ofp13.Errorf(ofp13.ErrTypeRoleRequestFailed, ofp13.RoleRequestFailedStale,
				"generation %#x is older than %#x; ask with that one or a later", req.GenerationID, s.election.generation)
		}
		s.election = election{known: true, generation: req.GenerationID}
		if req.Role == ofp13.RoleMaster {
			s.demoteMasters()
		}
		ss.role = req.Role
	}
	s.countInterest()
	ss.reply(&ofp13.RoleReply{Role: ss.role, GenerationID: s.election.current()}, r.header.XID)
	return nil
}

func (s *Server) demoteMasters() {
	for _, other := range s.sessions {
		if other.role == ofp13.RoleMaster {
			other.role = ofp13.RoleSlave
		}
	}
}

// writes reports whether a request changes the switch, which a slave may not
// ask for (§6.3.5).
func writes(r *request) bool {
	switch r.header.Type {
	case ofp13.TypePacketOut, ofp13.TypeFlowMod, ofp13.TypeGroupMod, ofp13.TypePortMod,
		ofp13.TypeTableMod, ofp13.TypeMeterMod:
		return true
	case ofp13.TypeMultipartRequest:
		features, ok := r.body.(*tableFeaturesRequest)
		return ok && len(features.tables) > 0
	}
	return false
}

// errSlave refuses a request of a slave that changes the switch.
func errSlave() error {
	return badRequest(ofp13.BadRequestIsSlave, "this connection's role is slave: ask for role equal or master to change the switch")
}
