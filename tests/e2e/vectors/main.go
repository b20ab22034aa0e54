// Writes values as go-cty itself encodes them: what our codec is held against.
// See fixtures/provider/README.md.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

type vector struct {
	Name    string          `json:"name"`
	Type    json.RawMessage `json:"type"`
	Msgpack string          `json:"msgpack"`
	// Absent where a value is not known, for which JSON has no word.
	JSON json.RawMessage `json:"json,omitempty"`
}

func number(text string) cty.Value {
	value, err := cty.ParseNumberVal(text)
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	rule := cty.Object(map[string]cty.Type{
		"port": cty.Number, "cidrs": cty.Set(cty.String), "note": cty.String,
	})
	one := cty.ObjectVal(map[string]cty.Value{
		"port":  cty.NumberIntVal(22),
		"cidrs": cty.SetVal([]cty.Value{cty.StringVal("10.0.0.0/8"), cty.StringVal("192.0.2.0/24")}),
		"note":  cty.NullVal(cty.String),
	})
	two := cty.ObjectVal(map[string]cty.Value{
		"port": cty.UnknownVal(cty.Number), "cidrs": cty.SetValEmpty(cty.String), "note": cty.StringVal("ü ≠ \U0001F512"),
	})
	all := []struct {
		name  string
		value cty.Value
		as    cty.Type
	}{
		{"null string", cty.NullVal(cty.String), cty.String},
		{"empty string", cty.StringVal(""), cty.String},
		{"long string", cty.StringVal(fmt.Sprintf("%0300d", 7)), cty.String},
		{"decomposed text becomes composed", cty.StringVal("e\u0301"), cty.String},
		{"true", cty.True, cty.Bool},
		{"zero", cty.Zero, cty.Number},
		{"small negative", cty.NumberIntVal(-33), cty.Number},
		{"least of 64 bits", cty.NumberIntVal(-9223372036854775808), cty.Number},
		{"most of 64 bits", cty.NumberIntVal(9223372036854775807), cty.Number},
		{"beyond 64 bits", number("9223372036854775808"), cty.Number},
		{"unsigned most", number("18446744073709551615"), cty.Number},
		{"a half", cty.NumberFloatVal(0.5), cty.Number},
		{"a tenth as double", cty.NumberFloatVal(0.1), cty.Number},
		{"a tenth as decimal", number("0.1"), cty.Number},
		{"forty digits", number("1234567890123456789012345678901234567890.0123456789"), cty.Number},
		{"a power of two beyond all integers", cty.NumberVal(new(big.Float).SetMantExp(big.NewFloat(1), 200)), cty.Number},
		{"tiny", number("1e-40"), cty.Number},
		{"infinite", cty.PositiveInfinity, cty.Number},
		{"negative infinite", cty.NegativeInfinity, cty.Number},
		{"unknown string", cty.UnknownVal(cty.String), cty.String},
		{"unknown object", cty.UnknownVal(rule), rule},
		{"not null", cty.UnknownVal(cty.String).RefineNotNull(), cty.String},
		{"prefix", cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull("arn:aws:").NewValue(), cty.String},
		{"bounds", cty.UnknownVal(cty.Number).Refine().NumberRangeLowerBound(cty.NumberIntVal(1), true).NumberRangeUpperBound(cty.NumberFloatVal(2.5), false).NewValue(), cty.Number},
		{"lengths", cty.UnknownVal(cty.List(cty.String)).Refine().NotNull().CollectionLengthLowerBound(1).CollectionLengthUpperBound(300).NewValue(), cty.List(cty.String)},
		{"empty list", cty.ListValEmpty(cty.Bool), cty.List(cty.Bool)},
		{"list", cty.ListVal([]cty.Value{cty.True, cty.NullVal(cty.Bool), cty.UnknownVal(cty.Bool)}), cty.List(cty.Bool)},
		{"set of sets", cty.SetVal([]cty.Value{cty.SetVal([]cty.Value{cty.NumberIntVal(2), cty.NumberIntVal(1)}), cty.SetValEmpty(cty.Number)}), cty.Set(cty.Set(cty.Number))},
		{"map", cty.MapVal(map[string]cty.Value{"b": cty.NumberIntVal(200), "a": cty.NullVal(cty.Number)}), cty.Map(cty.Number)},
		{"tuple", cty.TupleVal([]cty.Value{cty.StringVal("a"), cty.NumberIntVal(65536)}), cty.Tuple([]cty.Type{cty.String, cty.Number})},
		{"empty object", cty.EmptyObjectVal, cty.EmptyObject},
		{"object", one, rule},
		{"set of objects", cty.SetVal([]cty.Value{one, two}), cty.Set(rule)},
		{"dynamic string", cty.StringVal("x"), cty.DynamicPseudoType},
		{"dynamic object", one, cty.DynamicPseudoType},
		{"dynamic null with a type", cty.NullVal(cty.List(cty.String)), cty.DynamicPseudoType},
		{"dynamic null without", cty.NullVal(cty.DynamicPseudoType), cty.DynamicPseudoType},
		{"dynamic unknown", cty.DynamicVal, cty.DynamicPseudoType},
		{"dynamic unknown with a type", cty.UnknownVal(cty.Number), cty.DynamicPseudoType},
		{"dynamic within", cty.ObjectVal(map[string]cty.Value{"d": cty.TupleVal([]cty.Value{cty.True, cty.StringVal("y")})}), cty.Object(map[string]cty.Type{"d": cty.DynamicPseudoType})},
	}
	// One in each width that MessagePack has for a length.
	for _, length := range []int{15, 16, 31, 32, 255, 256} {
		elements := make([]cty.Value, length)
		for at := range elements {
			elements[at] = cty.NumberIntVal(int64(at))
		}
		all = append(all, struct {
			name  string
			value cty.Value
			as    cty.Type
		}{fmt.Sprintf("list of %d", length), cty.ListVal(elements), cty.List(cty.Number)})
	}
	out := json.NewEncoder(os.Stdout)
	for _, each := range all {
		kind, err := ctyjson.MarshalType(each.as)
		if err != nil {
			panic(err)
		}
		encoded, err := msgpack.Marshal(each.value, each.as)
		if err != nil {
			panic(err)
		}
		written := vector{Name: each.name, Type: kind, Msgpack: hex.EncodeToString(encoded)}
		if each.value.IsWhollyKnown() {
			// Infinity cannot be written either.
			if text, err := ctyjson.Marshal(each.value, each.as); err == nil {
				written.JSON = text
			}
		}
		if err := out.Encode(written); err != nil {
			panic(err)
		}
	}
}
