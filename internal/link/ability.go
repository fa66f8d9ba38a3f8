package link

import (
	"strconv"
	"strings"

	"github.com/mdlayher/ethtool"
)

// Ability is a set of what a physical link can do.
type Ability uint32

// The abilities, in the order of OFPPF_* (OpenFlow 1.3.5 §7.2.1).
const (
	Half10 Ability = 1 << iota // 10 Mbit/s, half duplex
	Full10                     // and so on
	Half100
	Full100
	Half1000
	Full1000
	Full10G
	Full40G
	Full100G
	Full1T
	OtherRate // a rate that is none of these
	Copper
	Fiber
	Autoneg
	Pause
	AsymPause
)

// abilities sums up link modes, and returns the fastest rate among them, in
// Mbit/s.
func abilities(modes []ethtool.AdvertisedLinkMode) (all Ability, fastest int) {
	for i := range modes {
		a, mbps := parseMode(modes[i].Name)
		all |= a
		fastest = max(fastest, mbps)
	}
	return all, fastest
}

// parseMode reads a link mode's name, such as "1000baseT/Full" or "Pause". A
// name of another kind says nothing.
func parseMode(name string) (a Ability, mbps int) {
	switch name {
	case "TP":
		return Copper, 0
	case "FIBRE":
		return Fiber, 0
	case "Autoneg":
		return Autoneg, 0
	case "Pause":
		return Pause, 0
	case "Asym/Pause":
		return AsymPause, 0
	}
	rate, medium, ok := strings.Cut(name, "base")
	mbps, err := strconv.Atoi(rate)
	if !ok || err != nil || medium == "" || strings.HasSuffix(name, "/FEC") {
		return 0, 0
	}
	return rateOf(mbps, strings.HasSuffix(name, "/Full")) | mediumOf(medium), mbps
}

func rateOf(mbps int, full bool) Ability {
	half := map[int]Ability{10: Half10, 100: Half100, 1000: Half1000}
	if a, ok := half[mbps]; ok && !full {
		return a
	}
	fulls := map[int]Ability{
		10: Full10, 100: Full100, 1000: Full1000, 10_000: Full10G, 40_000: Full40G, 100_000: Full100G, 1_000_000: Full1T,
	}
	if a, ok := fulls[mbps]; ok && full {
		return a
	}
	return OtherRate
}

// mediumOf reads what stands behind "base": IEEE 802.3 begins the names of
// twisted pairs with T, of twinaxial cable with C, of fibers with S, L, E, D, F
// or R, and of backplanes with K; X is either.
func mediumOf(name string) Ability {
	switch name[0] {
	case 'T', 'C':
		return Copper
	case 'S', 'L', 'E', 'D', 'F', 'R':
		return Fiber
	}
	return 0
}
