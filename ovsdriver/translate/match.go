package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// CompileMatch turns a decoded OXM match into a pattern. Fields that this
// switch cannot match are refused with OFPBMC_BAD_FIELD, never left out.
// Equal sets of packets give equal patterns: OFPVID_NONE is a look at the
// presence bit alone. Prerequisites that are not exact fields themselves (a
// VLAN tag for its priority) enter the mask.
func CompileMatch(m *ofp13.Match) (flowtable.Match, error) { return compileMatch(m) }
