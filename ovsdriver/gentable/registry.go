package gentable

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Refusal is why an entry can't be as it is asked for.
type Refusal struct {
	Code  uint16 // bsn.GentableErrorParam...
	Cause error  // for the controller
}

// Error is the cause.
func (e *Refusal) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *Refusal) Unwrap() error { return e.Cause }

func refuse(code uint16, format string, args ...any) error {
	return &Refusal{Code: code, Cause: fmt.Errorf(format, args...)}
}

// Registry is the generic tables of the switch. Main goroutine only. Errors are
// *ofp13.Error: OFPET_BAD_REQUEST/OFPBRC_BAD_TABLE_ID for a table that is not
// there, and else a bsn.GentableError.
type Registry struct {
	tables []*table // by table id
}

// NewRegistry returns the tables of this switch, empty.
func NewRegistry() *Registry {
	return &Registry{tables: []*table{
		newTable("test", newTestItem, testRoom, testBuckets),
	}}
}

func (r *Registry) table(id uint16) (*table, error) {
	if int(id) >= len(r.tables) {
		return nil, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadTableID,
			"generic table %d: tables are 0 to %d", id, len(r.tables)-1)
	}
	return r.tables[id], nil
}

// refused makes an error for the controller of what a Kind or an Item says.
func refused(id uint16, err error) error {
	if err == nil {
		return nil
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return bsn.GentableError(refusal.Code, id, "%w", err)
	}
	return err
}

// Add adds an entry, or gives the entry of the same key another value and
// checksum.
func (r *Registry) Add(m *bsn.GentableEntryAdd) error {
	t, err := r.table(m.TableID)
	if err != nil {
		return err
	}
	return refused(m.TableID, t.add(m))
}

// Delete deletes the entry of a key. That there is none is no error. An entry
// that can't be deleted stays.
func (r *Registry) Delete(m *bsn.GentableEntryDelete) error {
	t, err := r.table(m.TableID)
	if err != nil {
		return err
	}
	if err := t.delete(m.Key); err != nil {
		return bsn.GentableError(bsn.GentableErrorUnknown, m.TableID, "entry is not deleted: %w", err)
	}
	return nil
}

// Clear deletes the entries of a range. Those that can't be deleted stay and
// are counted.
func (r *Registry) Clear(m *bsn.GentableRange) (cleared bsn.GentableCleared, err error) {
	t, err := r.ranged(m)
	if err != nil {
		return cleared, err
	}
	cleared.TableID = m.TableID
	cleared.Deleted, cleared.Errors = t.clear(m)
	return cleared, nil
}

// ranged returns the table of a range, and checks the range.
func (r *Registry) ranged(m *bsn.GentableRange) (*table, error) {
	t, err := r.table(m.TableID)
	switch {
	case err != nil:
		return nil, err
	case !m.Mask.IsPrefix():
		return nil, bsn.GentableError(bsn.GentableErrorParam, m.TableID,
			"checksum mask %016x%016x is not one of leading bits", m.Mask.Hi, m.Mask.Lo)
	case m.Checksum.And(m.Mask) != m.Checksum:
		return nil, bsn.GentableError(bsn.GentableErrorParam, m.TableID,
			"checksum %016x%016x has bits beyond its mask", m.Checksum.Hi, m.Checksum.Lo)
	}
	return t, nil
}

// SetBucketsSize makes a table have so many checksum buckets, a power of two up
// to 65536.
func (r *Registry) SetBucketsSize(m *bsn.GentableSetBucketsSize) error {
	t, err := r.table(m.TableID)
	if err != nil {
		return err
	}
	n := m.BucketsSize
	if n == 0 || n&(n-1) != 0 || n > maxBuckets {
		return bsn.GentableError(bsn.GentableErrorUnknown, m.TableID,
			"%d checksum buckets: give a power of two up to %d", n, maxBuckets)
	}
	if int(n) != len(t.buckets) {
		t.resize(n)
	}
	return nil
}

// Desc describes the tables.
func (r *Registry) Desc() []*bsn.GentableDesc {
	var all []*bsn.GentableDesc
	for id, t := range r.tables {
		all = append(all, &bsn.GentableDesc{
			TableID: uint16(id), Name: t.name, BucketsSize: uint32(len(t.buckets)), MaxEntries: t.room,
		})
	}
	return all
}

// Stats returns how many entries each table has, and its checksum.
func (r *Registry) Stats() []*bsn.GentableStats {
	var all []*bsn.GentableStats
	for id, t := range r.tables {
		all = append(all, &bsn.GentableStats{
			TableID: uint16(id), Entries: uint32(len(t.entries)), Checksum: t.total,
		})
	}
	return all
}

// BucketStats returns the checksum of each bucket of a table.
func (r *Registry) BucketStats(id uint16) ([]bsn.Checksum, error) {
	t, err := r.table(id)
	if err != nil {
		return nil, err
	}
	return slices.Clone(t.buckets), nil
}
