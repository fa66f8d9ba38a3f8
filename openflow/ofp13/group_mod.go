package ofp13

import "encoding/binary"

// bucketLen is the size of a bucket before its actions.
const bucketLen = 16

// GroupMod is OFPT_GROUP_MOD (§7.3.4.2).
type GroupMod struct {
	Command uint16 // OFPGC_*
	Type    uint8  // OFPGT_*
	GroupID uint32
	Buckets []Bucket
}

// AppendTo appends the whole message.
func (m *GroupMod) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeGroupMod, xid)
	b = binary.BigEndian.AppendUint16(b, m.Command)
	b = append(b, m.Type, 0)
	b = binary.BigEndian.AppendUint32(b, m.GroupID)
	return finish(appendList(b, m.Buckets), start)
}

// Decode reads one whole message. Beside errors of the actions, an unknown
// command is OFPGMFC_BAD_COMMAND, an unknown type OFPGMFC_BAD_TYPE, and a
// bucket whose length does not fit OFPGMFC_BAD_BUCKET. How many buckets the
// type and the command want is not checked. A deletion's type and buckets mean
// nothing: any type will do, and the buckets are left out.
func (m *GroupMod) Decode(b []byte) (err error) {
	if err := checkMessage(b, TypeGroupMod, 16); err != nil {
		return err
	}
	m.Command = binary.BigEndian.Uint16(b[8:])
	m.Type = b[10]
	m.GroupID = binary.BigEndian.Uint32(b[12:])
	if m.Command > GroupDelete {
		return Errorf(ErrTypeGroupModFailed, GroupModFailedBadCommand, "unknown group-mod command %d", m.Command)
	}
	if m.Command == GroupDelete {
		m.Buckets = m.Buckets[:0]
		return skipList(b[16:], lenOfBucket)
	}
	if m.Type > GroupTypeFastFailover {
		return Errorf(ErrTypeGroupModFailed, GroupModFailedBadType, "unknown type %d of group %d", m.Type, m.GroupID)
	}
	m.Buckets, err = decodeList(b[16:], m.Buckets)
	return err
}

// Bucket is one bucket of a group (§7.3.4.2).
type Bucket struct {
	Weight     uint16 // select groups
	WatchPort  uint32 // fast failover groups; PortAny if none
	WatchGroup uint32 // fast failover groups; GroupAny if none
	Actions    []Action
}

func (k *Bucket) append(b []byte) []byte {
	start := len(b)
	b = appendPad(b, 2)
	b = binary.BigEndian.AppendUint16(b, k.Weight)
	b = binary.BigEndian.AppendUint32(b, k.WatchPort)
	b = binary.BigEndian.AppendUint32(b, k.WatchGroup)
	b = appendPad(b, 4)
	return finishElement(appendList(b, k.Actions), start)
}

// lenOfBucket is the length of the bucket at the start of b.
func lenOfBucket(b []byte) (n int, err error) {
	if len(b) < bucketLen {
		return 0, badBucket("bucket has %d bytes, not %d or more", len(b), bucketLen)
	}
	n = int(binary.BigEndian.Uint16(b))
	if n < bucketLen || n&7 != 0 || n > len(b) {
		return 0, badBucket("bucket says %d bytes of %d", n, len(b))
	}
	return n, nil
}

// decode reads the bucket at the start of b and returns its length.
func (k *Bucket) decode(b []byte) (n int, err error) {
	if n, err = lenOfBucket(b); err != nil {
		return 0, err
	}
	k.Weight = binary.BigEndian.Uint16(b[2:])
	k.WatchPort = binary.BigEndian.Uint32(b[4:])
	k.WatchGroup = binary.BigEndian.Uint32(b[8:])
	k.Actions, err = decodeList(b[bucketLen:n], k.Actions)
	return n, err
}

func badBucket(format string, args ...any) error {
	return Errorf(ErrTypeGroupModFailed, GroupModFailedBadBucket, format, args...)
}
