package openflow

import (
	"strings"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/sirupsen/logrus"
	"github.com/sirupsen/logrus/hooks/test"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// The log names what was refused in the specification's words.
func TestRefusedRequestsAreNamed(t *testing.T) {
	log, hook := test.NewNullLogger()
	log.SetLevel(logrus.DebugLevel)
	c := start(t, &fakeSwitch{}, func(cfg *Config) { cfg.Log = logrus.NewEntry(log) }).connect()
	for _, tt := range []struct {
		message []byte
		want    string
		cause   string
	}{
		{rawMessage(4, ofp13.TypeFlowMod, 8, 7), "OFPT_FLOW_MOD", "OFPT_FLOW_MOD has 8 bytes"},
		{rawMessage(4, ofp13.TypeMultipartRequest, 8, 7), "OFPT_MULTIPART_REQUEST", "has 8 bytes"},
		{rawMessage(1, ofp13.TypeMultipartRequest, 16, 7, make([]byte, 8)...), "OFPT_MULTIPART_REQUEST", "version"},
		{rawMessage(4, ofp13.TypeMultipartRequest, 17, 7, 0, 3, 0, 0, 0, 0, 0, 0, 0), "OFPMP_TABLE", "1 bytes"},
		{rawMessage(4, ofp13.TypeMultipartRequest, 16, 7, 0, 99, 0, 0, 0, 0, 0, 0), "99", "multipart type 99 is unknown"},
		{rawMessage(4, ofp13.TypePacketIn, 8, 7), "OFPT_PACKET_IN", "messages of type OFPT_PACKET_IN"},
		{rawMessage(4, 77, 8, 7), "77", "messages of type 77"},
	} {
		hook.Reset()
		must(t, c.SendBytes(tt.message))
		_, err := c.ExpectReply(7, of.TypeError)
		must(t, err)
		e := hook.LastEntry()
		if e == nil || e.Message != "request refused" || e.Data["request"] != tt.want {
			t.Errorf("% x: log has %+v, want request %s refused", tt.message, e, tt.want)
			continue
		}
		if cause := e.Data[logrus.ErrorKey].(error).Error(); !strings.Contains(cause, tt.cause) {
			t.Errorf("% x: cause is %q, want one that says %q", tt.message, cause, tt.cause)
		}
	}
}
