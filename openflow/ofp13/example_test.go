package ofp13_test

import (
	"errors"
	"fmt"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// A controller's flow-mod: TCP to port 80 of a network leaves at port 3.
func ExampleFlowMod() {
	m := ofp13.FlowMod{
		Command:  ofp13.FlowAdd,
		Priority: 100,
		BufferID: ofp13.NoBuffer,
		OutPort:  ofp13.PortAny,
		OutGroup: ofp13.GroupAny,
		Match: ofp13.Match{Fields: []ofp13.OXM{
			ofp13.NewOXM64(ofp13.OXMEthType, 0x0800),
			ofp13.NewOXM64(ofp13.OXMIPProto, 6),
			ofp13.NewMaskedOXM64(ofp13.OXMIPv4Dst, 0x0a000000, 0xff000000),
			ofp13.NewOXM64(ofp13.OXMTCPDst, 80),
		}},
		Instructions: []ofp13.Instruction{{
			Type:    ofp13.InstructionApplyActions,
			Actions: []ofp13.Action{{Type: ofp13.ActionOutput, ID: 3}},
		}},
	}
	wire := m.AppendTo(nil, 1)

	var back ofp13.FlowMod // may be used again for the next message
	if err := back.Decode(wire); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(back.Match.Fields), "fields, output to", back.Instructions[0].Actions[0].ID)
	// Output: 4 fields, output to 3
}

// A refusal carries what the error message must say.
func ExampleError() {
	m := ofp13.FlowMod{Match: ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMTCPDst, 80)}}}
	err := new(ofp13.FlowMod).Decode(m.AppendTo(nil, 1))
	var e *ofp13.Error
	if errors.As(err, &e) {
		fmt.Println(e.Name())
		fmt.Println(e)
	}
	// Output:
	// OFPET_BAD_MATCH/OFPBMC_BAD_PREREQ
	// OFPET_BAD_MATCH/OFPBMC_BAD_PREREQ (type 4, code 9): match field tcp_dst (length 2): prerequisite does not precede it
}

// A multipart's body is written, and read, one element at a time.
func ExampleMultipartReply() {
	var body []byte
	for table := range uint8(3) {
		body = (&ofp13.TableStats{TableID: table, ActiveCount: 10}).Append(body)
	}
	b := (&ofp13.MultipartReply{Type: ofp13.MultipartTable, Body: body}).AppendTo(nil, 1)

	var reply ofp13.MultipartReply
	if err := reply.Decode(b); err != nil {
		fmt.Println(err)
	}
	for rest := reply.Body; len(rest) > 0; {
		var stats ofp13.TableStats
		var err error
		if rest, err = stats.DecodeNext(rest); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(stats.TableID, stats.ActiveCount)
	}
	// Output:
	// 0 10
	// 1 10
	// 2 10
}
