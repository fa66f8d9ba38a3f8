package link

import (
	"testing"

	"github.com/mdlayher/ethtool"
)

func TestParseMode(t *testing.T) {
	for name, want := range map[string]struct {
		a    Ability
		mbps int
	}{
		"10baseT/Half":           {Half10 | Copper, 10},
		"100baseT/Full":          {Full100 | Copper, 100},
		"1000baseX/Full":         {Full1000, 1000},
		"2500baseT/Full":         {OtherRate | Copper, 2500},
		"10000baseSR/Full":       {Full10G | Fiber, 10_000},
		"40000baseCR4/Full":      {Full40G | Copper, 40_000},
		"100000baseLR4/ER4/Full": {Full100G | Fiber, 100_000},
		"100000baseKR4/Full":     {Full100G, 100_000},
		"400000baseDR8/Full":     {OtherRate | Fiber, 400_000},
		"10000baseR/FEC":         {},
		"TP":                     {Copper, 0},
		"FIBRE":                  {Fiber, 0},
		"Autoneg":                {Autoneg, 0},
		"Pause":                  {Pause, 0},
		"Asym/Pause":             {AsymPause, 0},
		"MII":                    {},
		"FEC/RS":                 {},
		"fastbaseT/Full":         {},
		"1000base":               {},
		"":                       {},
	} {
		if a, mbps := parseMode(name); a != want.a || mbps != want.mbps {
			t.Errorf("%q: %#x at %d Mbit/s, want %#x at %d", name, a, mbps, want.a, want.mbps)
		}
	}
}

func TestAbilities(t *testing.T) {
	a, fastest := abilities([]ethtool.AdvertisedLinkMode{{Name: "100baseT/Full"}, {Name: "1000baseT/Full"}, {Name: "Autoneg"}})
	if a != Full100|Full1000|Copper|Autoneg || fastest != 1000 {
		t.Errorf("abilities %#x, %d Mbit/s", a, fastest)
	}
}
