package openflow

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// decode fills the request from its frame, or says why it can't be.
func (r *request) decode() {
	if r.header.Version != ofp13.Version && r.header.Type != ofp13.TypeHello {
		r.err = badRequest(ofp13.BadRequestBadVersion, "version %#02x, not %#02x", r.header.Version, ofp13.Version)
		return
	}
	m := r.target()
	if m == nil {
		r.err = badRequest(ofp13.BadRequestBadType, "a switch does not take messages of type %s", ofp13.TypeName(r.header.Type))
		return
	}
	r.err = m.Decode(r.frame)
	r.body = m
}

// target returns the value to decode a message into, or nil for what a
// controller may not send. Multipart requests have a way of their own.
func (r *request) target() ofp13.Message {
	switch r.header.Type {
	case ofp13.TypeFlowMod:
		return &r.flowMod
	case ofp13.TypePacketOut:
		return &r.packetOut
	case ofp13.TypeHello:
		return new(ofp13.Hello)
	case ofp13.TypeError:
		return new(ofp13.ErrorMessage)
	case ofp13.TypeEchoRequest:
		return new(ofp13.EchoRequest)
	case ofp13.TypeExperimenter:
		return new(ofp13.Experimenter)
	case ofp13.TypeFeaturesRequest:
		return new(ofp13.FeaturesRequest)
	case ofp13.TypeGetConfigRequest:
		return new(ofp13.GetConfigRequest)
	case ofp13.TypeSetConfig:
		return new(ofp13.SetConfig)
	case ofp13.TypeBarrierRequest:
		return new(ofp13.BarrierRequest)
	case ofp13.TypeRoleRequest:
		return new(ofp13.RoleRequest)
	case ofp13.TypeGetAsyncRequest:
		return new(ofp13.GetAsyncRequest)
	case ofp13.TypeSetAsync:
		return new(ofp13.SetAsync)
	}
	return r.modTarget()
}

// modTarget is target for the rarer requests that change or query the switch.
func (r *request) modTarget() ofp13.Message {
	switch r.header.Type {
	case ofp13.TypeGroupMod:
		return new(ofp13.GroupMod)
	case ofp13.TypePortMod:
		return new(ofp13.PortMod)
	case ofp13.TypeTableMod:
		return new(ofp13.TableMod)
	case ofp13.TypeMeterMod:
		return new(ofp13.MeterMod)
	case ofp13.TypeQueueGetConfigRequest:
		return new(ofp13.QueueGetConfigRequest)
	}
	return nil
}

// acceptPart decodes a multipart request, once its last part is here.
func (r *reader) acceptPart(header ofp13.Header, frame []byte) {
	if len(frame) < ofp13.MultipartHeaderLen {
		r.take(header, frame).err = badRequest(ofp13.BadRequestBadLen,
			"multipart request has %d bytes, not %d or more", len(frame), ofp13.MultipartHeaderLen)
		return
	}
	p := part{
		xid:  header.XID,
		typ:  binary.BigEndian.Uint16(frame[8:]),
		more: binary.BigEndian.Uint16(frame[10:])&ofp13.MultipartMore != 0,
		body: frame[ofp13.MultipartHeaderLen:],
	}
	body, whole, err := r.parts.add(p)
	if !whole && err == nil {
		return
	}
	req := r.take(header, frame)
	req.multipart, req.err = p.typ, err
	if err == nil {
		req.body, req.err = decodeMultipart(p.typ, body)
	}
}

// bodyDecoder is the body of a multipart request.
type bodyDecoder interface {
	Decode(body []byte) error
}

// decodeMultipart decodes the whole body of a multipart request.
func decodeMultipart(typ uint16, body []byte) (any, error) {
	m := multipartTarget(typ)
	if m == nil {
		return nil, badRequest(ofp13.BadRequestBadMultipart, "multipart type %s is unknown", ofp13.MultipartName(typ))
	}
	return m, m.Decode(body)
}

// multipartTarget returns the value to decode a body into, or nil for an
// unknown type.
func multipartTarget(typ uint16) bodyDecoder {
	switch typ {
	case ofp13.MultipartDesc, ofp13.MultipartTable, ofp13.MultipartGroupDesc,
		ofp13.MultipartGroupFeatures, ofp13.MultipartMeterFeatures, ofp13.MultipartPortDesc:
		return emptyBody{}
	case ofp13.MultipartFlow, ofp13.MultipartAggregate:
		return new(ofp13.FlowStatsRequest)
	case ofp13.MultipartPortStats:
		return new(ofp13.PortStatsRequest)
	case ofp13.MultipartQueue:
		return new(ofp13.QueueStatsRequest)
	case ofp13.MultipartGroup:
		return new(ofp13.GroupStatsRequest)
	case ofp13.MultipartMeter, ofp13.MultipartMeterConfig:
		return new(ofp13.MeterStatsRequest)
	case ofp13.MultipartTableFeatures:
		return new(tableFeaturesRequest)
	case ofp13.MultipartExperimenter:
		return new(ofp13.ExperimenterMultipart)
	}
	return nil
}

// emptyBody is the body of requests that have none.
type emptyBody struct{}

func (emptyBody) Decode(body []byte) error {
	if len(body) != 0 {
		return badRequest(ofp13.BadRequestBadLen, "multipart request has a body of %d bytes, not 0", len(body))
	}
	return nil
}

// tableFeaturesRequest is the body of an OFPMP_TABLE_FEATURES request: a query
// if it is empty (§7.3.5.5).
type tableFeaturesRequest struct {
	tables []ofp13.TableFeatures
}

func (m *tableFeaturesRequest) Decode(body []byte) (err error) {
	for len(body) > 0 {
		var t ofp13.TableFeatures
		if body, err = t.DecodeNext(body); err != nil {
			return err
		}
		m.tables = append(m.tables, t)
	}
	return nil
}
