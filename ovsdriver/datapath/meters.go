package datapath

import (
	"errors"

	"github.com/ivs-go/ivs/ovsdriver/meter"
)

// ErrNoMeter says that the datapath has no meter of an id.
var ErrNoMeter = errors.New("no such meter in the datapath")

// Meters are the meters that Meter actions ask, by the ids that OpenFlow gives
// them. A datapath either asks the meter.Meter that it is given, or has meters
// of its own like it; then that one is asked only for the few frames whose
// actions the datapath has to do in user space.
type Meters interface {
	// PutMeter makes m the meter of an id, in place of any that was there, and
	// returns what the datapath's own meter in that place had counted. The
	// error is ErrUnsupported if the datapath has no such meters: then the one
	// that was there stays, for the flows that name it still, until it is
	// deleted. New Meter actions do not name it, nor an id that has no meter.
	PutMeter(id uint32, m *meter.Meter) (before meter.Stats, err error)

	// DeleteMeter removes a meter and returns what the datapath's own had
	// counted; ErrNoMeter if there is none.
	DeleteMeter(id uint32) (last meter.Stats, err error)

	// ReadMeters stores in own[i] what the datapath's own meter ids[i] has
	// counted, which for a datapath without meters of its own is nothing. Ids
	// that are not there count nothing. len(own) == len(ids).
	ReadMeters(ids []uint32, own []meter.Stats) error
}
