package ofp13

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/netrack/openflow/ofp"
)

// TestEveryErrorCodeHasItsName reads the constants of error_codes.go and the
// OFP* name in each one's comment, and wants errorName to give that name for
// that value: types count from 0 in the order of the file, and so do the codes
// of each group.
func TestEveryErrorCodeHasItsName(t *testing.T) {
	src, err := os.ReadFile("error_codes.go")
	if err != nil {
		t.Fatal(err)
	}
	constant := regexp.MustCompile(`^\t\w+\s.*// (OFP\w+)$|^\t\w+\s+// (OFP\w+)$`)
	group, code, total := -1, 0, 0
	var types []string
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSuffix(line, "\n")
		switch m := constant.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "// Codes of"):
			group++
			code = 0
		case m == nil:
		case group < 0:
			types = append(types, m[1])
		default:
			want := types[group] + "/" + m[1]
			if got := errorName(uint16(group), uint16(code)); got != want {
				t.Errorf("type %d, code %d is %s, not %s", group, code, got, want)
			}
			code++
			total++
		}
	}
	if want := 111; total != want || len(types) != 15 {
		t.Errorf("read %d codes of %d types, want %d of 15", total, len(types), want)
	}
	names := 0
	for _, e := range errorNames {
		names += len(e.codes)
	}
	if names != total {
		t.Errorf("%d names for %d codes", names, total)
	}
}

func TestErrorNameWithoutName(t *testing.T) {
	for _, c := range []struct {
		typ, code uint16
		want      string
	}{
		{ErrTypeExperimenter, 2600, "OFPET_EXPERIMENTER/2600"},
		{14, 3, "14/3"},
		{ErrTypeBadMatch, 12, "OFPET_BAD_MATCH/12"},
	} {
		if got := errorName(c.typ, c.code); got != c.want {
			t.Errorf("errorName(%d, %d) = %q, want %q", c.typ, c.code, got, c.want)
		}
	}
}

// TestErrorCodesAgreeWithNetrack compares the last code of each group, behind
// which a slip in any earlier one would show.
func TestErrorCodesAgreeWithNetrack(t *testing.T) {
	for _, c := range []struct {
		ours   uint16
		theirs uint16
	}{
		{ErrTypeTableFeaturesFailed, uint16(ofp.ErrTypeTableFeaturesFailed)},
		{HelloFailedEPerm, uint16(ofp.ErrCodeHelloFailedPerm)},
		{BadRequestMultipartBufferOverflow, uint16(ofp.ErrCodeBadRequestMultipartBufferOverflow)},
		{BadActionBadSetArgument, uint16(ofp.ErrCodeBadActionSetArgument)},
		{BadInstructionEPerm, uint16(ofp.ErrCodeBadInstructionPerm)},
		{BadMatchEPerm, uint16(ofp.ErrCodeBadMatchPerm)},
		{FlowModFailedBadFlags, uint16(ofp.ErrCodeFlowModFailedBadFlags)},
		{GroupModFailedEPerm, uint16(ofp.ErrCodeGroupModPerm)},
		{PortModFailedEPerm, uint16(ofp.ErrCodePortModFailedPerm)},
		{TableModFailedEPerm, uint16(ofp.ErrCodeTableModFailedPerm)},
		{QueueOpFailedEPerm, uint16(ofp.ErrCodeQueueOpFailedPerm)},
		{SwitchConfigFailedEPerm, uint16(ofp.ErrCodeSwitchConfigFailedPerm)},
		{RoleRequestFailedBadRole, uint16(ofp.ErrCodeRoleRequestFailedBadRole)},
		{MeterModFailedOutOfBands, uint16(ofp.ErrCodeMeterModFailedOutOfBands)},
		{TableFeaturesFailedEPerm, uint16(ofp.ErrCodeTableFeaturesFailedPerm)},
	} {
		if c.ours != c.theirs {
			t.Errorf("ours %d, the library's %d", c.ours, c.theirs)
		}
	}
}

func TestErrorWrapsAndCompares(t *testing.T) {
	err := error(Errorf(ErrTypeFlowModFailed, FlowModFailedOverlap, "entry 7: %w", io.EOF))
	if !errors.Is(err, io.EOF) {
		t.Error("the cause is lost")
	}
	if !errors.Is(err, &Error{Type: ErrTypeFlowModFailed, Code: FlowModFailedOverlap}) {
		t.Error("errors.Is looks at more than type and code")
	}
	if errors.Is(err, &Error{Type: ErrTypeFlowModFailed, Code: FlowModFailedEPerm}) {
		t.Error("errors.Is ignores the code")
	}
	want := "OFPET_FLOW_MOD_FAILED/OFPFMFC_OVERLAP (type 5, code 3): entry 7: EOF"
	if err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if got := (&ErrorMessage{Type: 5, Code: 3}).Name(); got != "OFPET_FLOW_MOD_FAILED/OFPFMFC_OVERLAP" {
		t.Error(got)
	}
}
