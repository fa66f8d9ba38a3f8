package datapathtest

import (
	"fmt"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// PutMeter implements datapath.Meters. The fake asks the meter itself.
func (f *Fake) PutMeter(id uint32, m *meter.Meter) (meter.Stats, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.features.Can(&datapath.Act{Kind: datapath.Meter}) {
		return meter.Stats{}, fmt.Errorf("meter %d: %w", id, datapath.ErrUnsupported)
	}
	f.meters = f.meters.Put(id, m)
	return meter.Stats{}, nil
}

// DeleteMeter implements datapath.Meters.
func (f *Fake) DeleteMeter(id uint32) (meter.Stats, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.meters.Get(id) == nil {
		return meter.Stats{}, fmt.Errorf("meter %d: %w", id, datapath.ErrNoMeter)
	}
	f.meters = f.meters.Put(id, nil)
	return meter.Stats{}, nil
}

// ReadMeters implements datapath.Meters.
func (f *Fake) ReadMeters(_ []uint32, own []meter.Stats) error {
	clear(own)
	return nil
}

// HasMeter reports whether there is a meter of an id.
func (f *Fake) HasMeter(id uint32) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.meters.Get(id) != nil
}

// measure asks a meter about a frame, does the remark, and reports whether the
// frame passes. Where there is no meter, it does.
func (f *Fake) measure(frame *datapath.Frame, id uint32) bool {
	m := f.meters.Get(id)
	if m == nil {
		return true
	}
	packets, bytes := packet.Wire(frame)
	switch verdict := m.Take(packets, bytes, f.clock()); verdict {
	case meter.Pass:
	case meter.Drop:
		return false
	default:
		packet.Remark(frame, uint8(verdict))
	}
	return true
}
