package gentable

import (
	"bytes"
	"math/bits"

	"github.com/ivs-go/ivs/openflow/bsn"
)

// Limits that Indigo does not have, so that no controller can fill the memory.
const (
	maxEntries = 1 << 16 // of a table, whatever it is told to be made for
	maxBuckets = 1 << 16
)

// Kind makes an item of a new entry's key and value, which are valid only
// during the call. It fails with a *Refusal or an *ofp13.Error.
type Kind func(key, value bsn.TLVs) (Item, error)

// Item is what an entry means to a part of the switch.
type Item interface {
	// Modify gives the entry another value, Delete takes it out of use. They
	// fail as a Kind does, and then nothing has changed.
	Modify(value bsn.TLVs) error
	Delete() error
	// AppendStats appends the entry's statistics as TLVs. It may run on any
	// goroutine, after Delete too.
	AppendStats(b []byte) []byte
}

// entry is one entry. It is never written again: another value makes another.
type entry struct {
	key, value bsn.TLVs
	checksum   bsn.Checksum
	item       Item
}

// table is one generic table.
type table struct {
	name string
	kind Kind
	room uint32 // how many entries it is told to be made for

	entries map[string]*entry // by key
	total   bsn.Checksum      // of all entries
	buckets []bsn.Checksum    // by the leading bits; a power of two of them
}

func newTable(name string, kind Kind, room, buckets uint32) *table {
	return &table{
		name: name, kind: kind, room: room,
		entries: make(map[string]*entry),
		buckets: make([]bsn.Checksum, buckets),
	}
}

// bucket is where a checksum counts.
func (t *table) bucket(c bsn.Checksum) *bsn.Checksum {
	shift := 64 - bits.TrailingZeros(uint(len(t.buckets)))
	return &t.buckets[c.Hi>>shift]
}

// insert puts an entry in, in the place of old unless that is nil.
func (t *table) insert(e, old *entry) {
	if old != nil {
		t.remove(old)
	}
	t.entries[string(e.key)] = e
	t.total.Add(e.checksum)
	t.bucket(e.checksum).Add(e.checksum)
}

func (t *table) remove(e *entry) {
	delete(t.entries, string(e.key))
	t.total.Sub(e.checksum)
	t.bucket(e.checksum).Sub(e.checksum)
}

// add adds an entry or gives the entry of the key another value.
func (t *table) add(m *bsn.GentableEntryAdd) error {
	old := t.entries[string(m.Key)]
	e := &entry{key: bytes.Clone(m.Key), value: bytes.Clone(m.Value), checksum: m.Checksum}
	if old != nil {
		if err := old.item.Modify(e.value); err != nil {
			return err
		}
		e.item = old.item
	} else {
		if len(t.entries) >= maxEntries {
			return refuse(bsn.GentableErrorTableFull, "table has %d entries; delete some first", maxEntries)
		}
		item, err := t.kind(m.Key, m.Value)
		if err != nil {
			return err
		}
		e.item = item
	}
	t.insert(e, old)
	return nil
}

// delete deletes the entry of a key, if there is one.
func (t *table) delete(key bsn.TLVs) error {
	e := t.entries[string(key)]
	if e == nil {
		return nil
	}
	if err := e.item.Delete(); err != nil {
		return err
	}
	t.remove(e)
	return nil
}

// resize sorts the checksums into so many buckets, a power of two.
func (t *table) resize(size uint32) {
	t.buckets = make([]bsn.Checksum, size)
	for _, e := range t.entries {
		t.bucket(e.checksum).Add(e.checksum)
	}
}

// selected returns the entries of a range.
func (t *table) selected(m *bsn.GentableRange) (all []*entry) {
	for _, e := range t.entries {
		if e.checksum.And(m.Mask) == m.Checksum {
			all = append(all, e)
		}
	}
	return all
}

// clear deletes the entries of a range, as far as they can be.
func (t *table) clear(m *bsn.GentableRange) (deleted, failed uint32) {
	for _, e := range t.selected(m) {
		if e.item.Delete() != nil {
			failed++
			continue
		}
		t.remove(e)
		deleted++
	}
	return deleted, failed
}
