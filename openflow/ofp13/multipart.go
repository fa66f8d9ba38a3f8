package ofp13

// MultipartHeaderLen is what stands before the body of a multipart message:
// the message header, type, flags and padding (§7.3.5).
const MultipartHeaderLen = 16

// MaxMultipartBody is the longest body that one part can have, cut to what 64-
// bit alignment leaves.
const MaxMultipartBody = (0xffff - MultipartHeaderLen) &^ 7

// MultipartRequest is OFPT_MULTIPART_REQUEST (§7.3.5), one part of it. Body is
// a request body or a run of elements of Type.
type MultipartRequest struct {
	Type  uint16 // OFPMP_*: MultipartDesc...
	Flags uint16 // MultipartMore
	Body  []byte
}

// MultipartReply is OFPT_MULTIPART_REPLY (§7.3.5), one part of it.
type MultipartReply struct {
	Type  uint16 // OFPMP_*: MultipartDesc...
	Flags uint16 // MultipartMore
	Body  []byte
}

// ExperimenterMultipart is the body of OFPMP_EXPERIMENTER, both ways (§7.3.5.15).
type ExperimenterMultipart struct {
	Experimenter uint32
	ExpType      uint32
	Data         []byte
}
