package link

import (
	"errors"
	"fmt"
	"os"

	"github.com/mdlayher/ethtool"
)

// Mode is how an interface's physical link runs. The zero value means that the
// interface has none to tell of (most virtual ones do not).
type Mode struct {
	Mbps       int // 0 when unknown
	FullDuplex bool
	Copper     bool
	Fiber      bool
	Autoneg    bool

	Advertised Ability // what it tells its peer that it can do
	Peer       Ability // what the peer tells it
	MaxMbps    int     // the fastest that it can or does run at; 0 when unknown
}

// speedUnknown is SPEED_UNKNOWN of linux/ethtool.h, -1, as the library reads it.
const speedUnknown = 1<<32 - 1

// Modes reads link modes from ethtool's netlink family, where the kernel has
// it. One goroutine at a time uses it.
type Modes struct{ client *ethtool.Client }

// OpenModes connects to the family. On a kernel without it, Get answers the
// zero Mode.
func OpenModes() (*Modes, error) {
	c, err := ethtool.New()
	if errors.Is(err, os.ErrNotExist) {
		return &Modes{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open ethtool's netlink family: %w", err)
	}
	return &Modes{client: c}, nil
}

// Close disconnects.
func (m *Modes) Close() error {
	if m.client == nil {
		return nil
	}
	return m.client.Close()
}

// Get reads how interface name runs. An interface that has no link modes, or
// is gone, has the zero Mode: speed is advice to controllers, never a reason
// to fail.
func (m *Modes) Get(name string) Mode {
	if m.client == nil {
		return Mode{}
	}
	lm, err := m.ask(name)
	if err != nil {
		return Mode{}
	}
	mode := Mode{FullDuplex: lm.Duplex == ethtool.Full, Autoneg: lm.Autoneg == ethtool.AutonegOn}
	if lm.SpeedMegabits > 0 && lm.SpeedMegabits < speedUnknown {
		mode.Mbps = lm.SpeedMegabits
	}
	advertised, fastest := abilities(lm.Ours)
	mode.Advertised = advertised
	mode.Peer, _ = abilities(lm.Peer)
	mode.MaxMbps = max(mode.Mbps, fastest)
	mode.Copper, mode.Fiber = mode.Advertised&Copper != 0, mode.Advertised&Fiber != 0
	return mode
}

// ask reads the interface's link modes. A mode that is newer than the library's
// list of them makes it panic, which is no reason to fail either.
func (m *Modes) ask(name string) (lm *ethtool.LinkMode, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("link modes of interface %s: %v", name, r)
		}
	}()
	return m.client.LinkMode(ethtool.Interface{Name: name})
}
