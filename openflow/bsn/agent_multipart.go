package bsn

import (
	"iter"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Multipart returns the elements that answer a multipart request.
func (a *Agent) Multipart(m *ofp13.ExperimenterMultipart) (ofp13.Stream, error) {
	switch m.ExpType {
	case MultipartTableChecksums:
		if err := checkExact(m.Data, "table checksum request", 0); err != nil {
			return nil, err
		}
		return tableChecksums(a.Flows.Checksums()), nil
	case MultipartFlowChecksumBuckets:
		return a.flowBuckets(m.Data)
	case MultipartGentableDesc:
		if err := checkExact(m.Data, "gentable description request", 0); err != nil {
			return nil, err
		}
		return elements(a.Gentables.Desc()), nil
	case MultipartGentableStats:
		if err := checkExact(m.Data, "gentable statistics request", 0); err != nil {
			return nil, err
		}
		return elements(a.Gentables.Stats()), nil
	case MultipartGentableBucketStats:
		return a.gentableBuckets(m.Data)
	case MultipartGentableEntryDesc:
		return entries(m.Data, a.Gentables.EntryDesc)
	case MultipartGentableEntryStats:
		return entries(m.Data, a.Gentables.EntryStats)
	}
	return nil, badExpType("multipart", m.ExpType)
}

// elements is the stream of a list.
func elements[T ofp13.Element](list []T) ofp13.Stream {
	stream := ofp13.Elements[T](list)
	return &stream
}

func tableChecksums(sums iter.Seq2[uint8, uint64]) ofp13.Stream {
	var list []*TableChecksum
	for id, sum := range sums {
		list = append(list, &TableChecksum{TableID: id, Checksum: sum})
	}
	return elements(list)
}

func (a *Agent) flowBuckets(data []byte) (ofp13.Stream, error) {
	var req FlowChecksumBucketsRequest
	if err := req.Decode(data); err != nil {
		return nil, err
	}
	sums, err := a.Flows.ChecksumBuckets(req.TableID)
	if err != nil {
		return nil, err
	}
	list := make([]FlowChecksumBucket, len(sums))
	for i, sum := range sums {
		list[i] = FlowChecksumBucket(sum)
	}
	return elements(list), nil
}

func (a *Agent) gentableBuckets(data []byte) (ofp13.Stream, error) {
	var req GentableBucketStatsRequest
	if err := req.Decode(data); err != nil {
		return nil, err
	}
	sums, err := a.Gentables.BucketStats(req.TableID)
	if err != nil {
		return nil, err
	}
	return elements(sums), nil
}

// entries decodes the request for a range of entries and asks for them.
func entries(data []byte, ask func(*GentableRange) (ofp13.Stream, error)) (ofp13.Stream, error) {
	var req GentableRange
	if err := req.Decode(data); err != nil {
		return nil, err
	}
	return ask(&req)
}
