package translate

import (
	"fmt"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// group tells which buckets of a group are done.
func (t *tracer) group(g *Group, first, last int) {
	kind := "all"
	switch g.Type {
	case ofp13.GroupTypeSelect:
		kind = "select"
	case ofp13.GroupTypeIndirect:
		kind = "indirect"
	case ofp13.GroupTypeFastFailover:
		kind = "fast failover"
	}
	switch {
	case len(g.Buckets) == 0:
		t.line("    %s: it has no buckets", kind)
	case first == last:
		t.line("    %s: none of %d buckets is live", kind, len(g.Buckets))
	case last-first == len(g.Buckets):
		t.line("    %s: %d buckets", kind, len(g.Buckets))
	default:
		t.line("    %s: bucket%d of %d", kind, first, len(g.Buckets))
	}
}

// bucket tells that the actions of a bucket follow, of a group that is the
// depth-th in a chain. They are counted from 0, as in the group's statistics.
func (t *tracer) bucket(i, depth int) {
	t.depth = depth - 1
	t.say(fmt.Sprintf("bucket%d", i))
	t.depth = depth
}
