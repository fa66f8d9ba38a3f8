package userspace

import (
	"fmt"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// meters are the meters by id. Main puts a new set in place of the old one;
// workers read it without locks.
type meters = meter.Set[*meter.Meter]

// PutMeter makes m the meter of an id. The datapath asks m itself, so it counts
// nothing of its own.
func (d *Datapath) PutMeter(id uint32, m *meter.Meter) (meter.Stats, error) {
	d.meters.Store(d.meters.Load().Put(id, m))
	return meter.Stats{}, nil
}

// DeleteMeter removes a meter.
func (d *Datapath) DeleteMeter(id uint32) (meter.Stats, error) {
	all := d.meters.Load()
	if all.Get(id) == nil {
		return meter.Stats{}, fmt.Errorf("delete meter %d: %w", id, datapath.ErrNoMeter)
	}
	d.meters.Store(all.Put(id, nil))
	return meter.Stats{}, nil
}

// ReadMeters has nothing to tell: see PutMeter.
func (d *Datapath) ReadMeters(_ []uint32, own []meter.Stats) error {
	clear(own)
	return nil
}

// measure asks a meter about f and returns the frame to go on with, or nil if
// its way ends. A queued frame is not edited: then it is a copy.
func (s *sender) measure(f *datapath.Frame, id uint32, queued *bool) *datapath.Frame {
	m := s.shared.meters.Load().Get(id)
	if m == nil {
		return f // main deletes a meter only when no flow names it
	}
	s.meters++
	packets, bytes := packet.Wire(f)
	switch verdict := m.Take(packets, bytes, s.now); verdict {
	case meter.Pass:
		return f
	case meter.Drop:
		s.dropped = true
		return nil
	default:
		if *queued {
			if f = s.copy(f, &s.held); f == nil {
				return nil
			}
			*queued = false
		}
		packet.Remark(f, uint8(verdict))
		return f
	}
}
