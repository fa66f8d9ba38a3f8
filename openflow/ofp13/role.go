package ofp13

import "encoding/binary"

// RoleRequest is OFPT_ROLE_REQUEST (§7.3.9).
type RoleRequest struct {
	Role         uint32 // OFPCR_ROLE_*
	GenerationID uint64
}

// AppendTo appends the whole message.
func (m *RoleRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendRole(b, TypeRoleRequest, xid, m.Role, m.GenerationID)
}

// Decode reads one whole message. An unknown role is OFPRRFC_BAD_ROLE.
func (m *RoleRequest) Decode(b []byte) (err error) {
	m.Role, m.GenerationID, err = decodeRole(b, TypeRoleRequest)
	return err
}

// RoleReply is OFPT_ROLE_REPLY (§7.3.9).
type RoleReply struct {
	Role         uint32 // OFPCR_ROLE_*
	GenerationID uint64
}

// AppendTo appends the whole message.
func (m *RoleReply) AppendTo(b []byte, xid uint32) []byte {
	return appendRole(b, TypeRoleReply, xid, m.Role, m.GenerationID)
}

// Decode reads one whole message.
func (m *RoleReply) Decode(b []byte) (err error) {
	m.Role, m.GenerationID, err = decodeRole(b, TypeRoleReply)
	return err
}

func appendRole(b []byte, typ uint8, xid, role uint32, generation uint64) []byte {
	start := len(b)
	b = appendHeader(b, typ, xid)
	b = binary.BigEndian.AppendUint32(b, role)
	b = appendPad(b, 4)
	b = binary.BigEndian.AppendUint64(b, generation)
	return finish(b, start)
}

func decodeRole(b []byte, typ uint8) (role uint32, generation uint64, err error) {
	if err := checkExact(b, typ, 24); err != nil {
		return 0, 0, err
	}
	role = binary.BigEndian.Uint32(b[8:])
	if role > RoleSlave {
		return 0, 0, Errorf(ErrTypeRoleRequestFailed, RoleRequestFailedBadRole, "unknown role %d", role)
	}
	return role, binary.BigEndian.Uint64(b[16:]), nil
}
