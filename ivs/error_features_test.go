package main

import "github.com/ivs-go/ivs/openflow/ofp13"

// smallTable describes table 0 with one entry, that matches in_port and the low
// byte of metadata, and writes four bits of it.
func smallTable() ofp13.TableFeatures {
	inPort := ofp13.OXMID{Class: ofp13.OXMClassBasic, Field: ofp13.OXMInPort, Len: 4}
	metadata := ofp13.OXMID{Class: ofp13.OXMClassBasic, Field: ofp13.OXMMetadata, HasMask: true, Len: 16}
	output := []ofp13.FeatureID{{Type: ofp13.ActionOutput}}
	return ofp13.TableFeatures{MaxEntries: 1, MetadataMatch: 0xff, MetadataWrite: 0xf0, Properties: []ofp13.TableFeatureProperty{
		{Type: ofp13.TablePropInstructions, Instructions: []ofp13.FeatureID{{Type: ofp13.InstructionApplyActions}, {Type: ofp13.InstructionWriteMetadata}}},
		{Type: ofp13.TablePropNextTables},
		{Type: ofp13.TablePropWriteActions, Actions: output},
		{Type: ofp13.TablePropApplyActions, Actions: output},
		{Type: ofp13.TablePropMatch, Fields: []ofp13.OXMID{inPort, metadata}},
		{Type: ofp13.TablePropWildcards, Fields: []ofp13.OXMID{inPort, metadata}},
		{Type: ofp13.TablePropWriteSetField},
		{Type: ofp13.TablePropApplySetField},
	}}
}

// configure is the request that makes the pipeline of one table.
func configure(f ofp13.TableFeatures) ofp13.Message {
	return multipart(ofp13.MultipartTableFeatures, f.Append(nil))
}

// featureProvocations provokes the codes of table features.
func featureProvocations() []provocation {
	const t = ofp13.ErrTypeTableFeaturesFailed
	exact := smallTable()
	exact.Properties[4].Fields[1].HasMask, exact.Properties[4].Fields[1].Len = false, 8
	return []provocation{
		{"table 254", codes{t, ofp13.TableFeaturesFailedBadTable}, nil, configure(ofp13.TableFeatures{TableID: 254}), nil},
		{"property 9", codes{t, ofp13.TableFeaturesFailedBadType}, nil,
			configure(ofp13.TableFeatures{Properties: []ofp13.TableFeatureProperty{{Type: ofp13.TablePropExperimenter}}}), put16(16+64, 9)},
		{"length 63", codes{t, ofp13.TableFeaturesFailedBadLen}, nil, configure(ofp13.TableFeatures{}), put16(16, 63)},
		{"no properties", codes{t, ofp13.TableFeaturesFailedBadLen}, nil, configure(ofp13.TableFeatures{}), nil},
		{"a property twice", codes{t, ofp13.TableFeaturesFailedBadArgument}, nil, configure(ofp13.TableFeatures{
			Properties: []ofp13.TableFeatureProperty{{Type: ofp13.TablePropMatch}, {Type: ofp13.TablePropMatch}},
		}), nil},
		{"a part of metadata without a mask", codes{t, ofp13.TableFeaturesFailedBadMetadata}, nil, configure(exact), nil},
	}
}

// tableProvocations provokes those of tables that cannot do more.
func tableProvocations() []provocation {
	const t = ofp13.ErrTypeBadInstruction
	small := []ofp13.Message{configure(smallTable())}
	writing := func(value, mask uint64) *ofp13.FlowMod {
		return instructing(ofp13.Instruction{Type: ofp13.InstructionWriteMetadata, Metadata: value, MetadataMask: mask})
	}
	second := matching(ofp13.NewOXM64(ofp13.OXMInPort, 2))
	return []provocation{
		{"a second entry", codes{ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedTableFull}, append(small, newFlow()), second, nil},
		{"bit 8 of metadata", codes{t, ofp13.BadInstructionUnsupMetadata}, small, writing(0x100, 0xf0), nil},
		{"bit 8 of its mask", codes{t, ofp13.BadInstructionUnsupMetadataMask}, small, writing(0, 0x1f0), nil},
	}
}
