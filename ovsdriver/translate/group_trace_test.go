package translate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// A trace tells which buckets of a group are done, and why, chain by chain.
func TestTraceGroups(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeFastFailover, 1, watching(4, ofp13.GroupAny, output(4)), watching(3, ofp13.GroupAny, output(3)))
	x.group(ofp13.GroupTypeFastFailover, 2, watching(4, ofp13.GroupAny, output(4)))
	x.group(ofp13.GroupTypeAll, 3, weighing(0, setting(ofp13.OXMEthDst, 1), grouping(1)), weighing(0, output(2)))
	x.add(0, 1, nil, applying(grouping(3), grouping(2), grouping(9), output(2)))
	var b strings.Builder
	if err := Trace(x.publish(), tcpKey(), &b); err != nil {
		t.Fatal(err)
	}
	want := `  group 3
    all: 2 buckets
    bucket0
      set { eth dst=00:00:00:00:00:01 }
      group 1
        fast failover: bucket1 of 2
        bucket1
          output 3
    bucket1
      output 2
  group 2
    fast failover: none of 1 buckets is live
  group 9
    there is no such group
  output 2
`
	_, got, _ := strings.Cut(b.String(), "fields: any\n")
	got, _, _ = strings.Cut(got, "mask: ")
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Error(diff)
	}
}
