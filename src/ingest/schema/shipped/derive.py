#!/usr/bin/env python3
"""Derives the facts that driftwarden ships about provider schemas. README.md beside this file says
from which public inputs, and how a fact is written.

Usage: derive.py aws|azurerm OUT SOURCE…

A SOURCE is an unpacked `@cdktf/provider-…` package (a folder) or a file that `terraform providers
schema -json` wrote. The first that knows an attribute tells its shape; flags that it cannot tell
come from the next.
"""

import glob
import json
import os
import re
import sys
import zlib

SCALARS = {"string": "T", "number": "N", "bool": "F", "dynamic": "D"}
STORED = {"string": "T", "number": "N", "boolean": "F", "any": "D"}

# Where no schema tells whether a text is a secret, its name does.
SECRET = re.compile(r"(^|_)(password|passphrase|secret|secret_string|token|private_key|secret_key|"
                    r"access_key|auth_key|shared_key|preshared_key|secret_binary)(_wo)?$")


# A field: {"shape": …, "flags": set, "known": what the source can tell}; a shape is a letter, or
# ("L"|"S"|"M", shape), or ("{", {name: field}).

def field(shape, flags, known):
    return {"shape": shape, "flags": set(flags), "known": set(known)}


# === terraform providers schema -json ===

ALL = "rocxw"


def type_shape(form, secret):
    if isinstance(form, str):
        return SCALARS[form]
    word, inner = form[0], form[1]
    if word == "object":
        return ("{", {name: field(type_shape(each, secret), "", ALL)
                      for name, each in inner.items()})
    if word == "tuple":
        return ("L", "D")
    return ({"list": "L", "set": "S", "map": "M"}[word], type_shape(inner, secret))


def nested(mode, fields):
    shape = ("{", fields)
    return shape if mode in ("single", "group") else ({"list": "L", "set": "S", "map": "M"}[mode],
                                                       shape)


def attribute(form):
    words = {"required": "r", "optional": "o", "computed": "c", "sensitive": "x",
             "write_only": "w"}
    flags = {flag for word, flag in words.items() if form.get(word)}
    inner = form.get("nested_type")
    if inner:
        fields = {name: attribute(each) for name, each in inner.get("attributes", {}).items()}
        return field(nested(inner["nesting_mode"], fields), flags, ALL)
    return field(type_shape(form["type"], flags), flags, ALL)


def block(form):
    fields = {name: attribute(each) for name, each in form.get("attributes", {}).items()}
    for name, each in form.get("block_types", {}).items():
        mode = each["nesting_mode"]
        flags = {"b", "r" if each.get("min_items") else "o"}
        if mode in ("single", "group") or each.get("max_items") == 1:
            flags.add("1")
        fields[name] = field(nested(mode, block(each["block"])), flags, ALL)
    return fields


def from_schema(path):
    with open(path, encoding="utf-8") as file:
        providers = json.load(file)["provider_schemas"]
    return {name: block(form["block"])
            for provider in providers.values()
            for name, form in provider.get("resource_schemas", {}).items()}


# === @cdktf/provider-… ===

CLASS = re.compile(r"^class (\w+) extends cdktf\.(\w+) \{$", re.M)
HCL = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{$(.*?)^\}$", re.M | re.S)
OWN = re.compile(r"^    synthesizeHclAttributes\(\) \{$(.*?)^    \}$", re.M | re.S)
ATTR = re.compile(r"^\s+(\w+): \{\n\s+value: (.*),\n\s+isBlock: (\w+),\n"
                  r"\s+type: \"(\w+)\",\n\s+storageClassType: \"(\w+)\",\n", re.M)
SAID = re.compile(r"^\s*// (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n"
                  r"(?:(?:\s*get \w+\(\) \{\n(.*)\n)|(?:\s*this\.\w+ = (.*);\n))", re.M)
NEEDED = re.compile(r"#(\w+) \w+#\1\}\n(?:\s*\*\s*\n|\s*\* .*\n)*\s*\*/\n\s*readonly \w+(\??):")
INTERFACE = re.compile(r"^export interface (\w+)(?: extends [\w.]+)? \{$(.*?)^\}$", re.M | re.S)
GETTERS = {"getStringAttribute": "T", "getNumberAttribute": "N", "getBooleanAttribute": "F",
           "getAnyMapAttribute": ("M", "D"), "getStringMapAttribute": ("M", "T"),
           "getNumberMapAttribute": ("M", "N"), "getBooleanMapAttribute": ("M", "F"),
           "getListAttribute": ("L", "T"), "getNumberListAttribute": ("L", "N")}


class Module:
    """One resource type of the package."""

    def __init__(self, folder):
        with open(os.path.join(folder, "index.js"), encoding="utf-8") as file:
            self.js = file.read()
        with open(os.path.join(folder, "index.d.ts"), encoding="utf-8") as file:
            self.interfaces = dict(INTERFACE.findall(file.read()))
        found = list(CLASS.finditer(self.js))
        ends = [one.start() for one in found[1:]] + [len(self.js)]
        self.classes = {one[1]: (one[2], self.js[one.start():end])
                        for one, end in zip(found, ends)}
        self.hcl = {name: body for name, body in HCL.findall(self.js)}

    def resource(self):
        for name, (kind, body) in self.classes.items():
            if kind == "TerraformResource":
                type_name = re.search(r'tfResourceType = "(\w+)"', self.js)[1]
                own = OWN.search(body)
                needed = dict(NEEDED.findall(self.interfaces.get(name + "Config", "")))
                return type_name, self.fields(own[1] if own else "", body, needed)
        return None

    def object(self, name):
        """The fields of a struct, by its name."""
        function = name[0].lower() + name[1:]
        body = self.classes.get(name + "OutputReference", ("", ""))[1]
        needed = dict(NEEDED.findall(self.interfaces.get(name, "")))
        return ("{", self.fields(self.hcl.get(function, ""), body, needed))

    def fields(self, attrs, body, needed):
        fields = {}
        for name, computed, optional, required, getter, made in SAID.findall(body):
            flags = {flag for flag, word in zip("cor", (computed, optional, required))
                     if word == "true"}
            shape = self.got(getter, made)
            if shape:
                flags |= {"1"} if made and "OutputReference(" in made else set()
                fields[name] = field(shape, flags, "roc")
        for name, value, is_block, kind, stored in ATTR.findall(attrs):
            shape = self.put(value, kind, stored)
            said = fields.get(name)
            flags = said["flags"] if said else {"o" if needed.get(name, "?") else "r"}
            if is_block == "true" and not (said and "c" in flags):
                flags = flags | {"b"}
            fields[name] = field(shape, flags, "roc" if said else "ro")
        return fields

    def got(self, getter, made):
        """What only the provider sets."""
        if made:
            new = re.match(r"new (\w+?)(List|Map|OutputReference)\(this, \"\w+\"(?:, (\w+))?", made)
            if not new:
                new = re.match(r"new cdktf\.(\w+)(List|Map)\(this, \"\w+\"(?:, (\w+))?", made)
                if not new:
                    return None
                scalar = {"String": "T", "Number": "N", "Boolean": "F"}.get(
                    new[1].replace("Map", "").replace("List", ""), "D")
                inner = ("M", scalar) if "Map" in new[1] else scalar
            else:
                inner = self.object(new[1])
            if new[2] == "OutputReference":
                return inner
            return ({"List": "S" if new[3] == "true" else "L", "Map": "M"}[new[2]], inner)
        call = re.search(r"this\.(\w+)\(", getter)
        shape = GETTERS.get(call[1]) if call else None
        if shape and "tolist" in getter and isinstance(shape, tuple):
            shape = ("S", shape[1])
        return shape

    def put(self, value, kind, stored):
        """What can be set."""
        scalar = re.match(r"(string|number|boolean|any)(List|Map|Set)?(List|Map)?$", stored)
        if scalar:
            shape = STORED[scalar[1]]
            if scalar[3]:
                shape = ({"List": "L", "Map": "M", "Set": "S"}[scalar[2]], shape)
        else:
            functions = re.findall(r"(\w+)ToHclTerraform", value)
            name = functions[-1] if functions else ""
            shape = self.object(name[0].upper() + name[1:]) if name else "D"
        kinds = {"list": "L", "set": "S", "map": "M"}
        return (kinds[kind], shape) if kind in kinds else shape


def from_package(folder):
    types = {}
    for path in sorted(glob.glob(os.path.join(folder, "lib", "*", "index.js"))):
        folder = os.path.dirname(path)
        if os.path.basename(folder).startswith("data-"):
            continue
        found = Module(folder).resource()
        if found:
            types[found[0]] = found[1]
    return types


# === together ===

def add(fields, others):
    """Adds what another source knows of the same block."""
    for name, other in others.items():
        own = fields.get(name)
        if own is None:
            fields[name] = other
            other["flags"].add("d")
            continue
        missing = other["known"] - own["known"]
        if own["flags"] & set("ro") and "c" in missing and "c" in other["flags"]:
            own["flags"].add("c")
        own["flags"] |= other["flags"] & missing & set("xw")
        if "x" in other["known"] and "1" in other["flags"]:
            own["flags"].add("1")
        own["known"] |= other["known"]
        inner, theirs = object_of(own["shape"]), object_of(other["shape"])
        if inner is not None and theirs is not None:
            add(inner, theirs)


def object_of(shape):
    while isinstance(shape, tuple) and shape[0] in "LSM":
        shape = shape[1]
    return shape[1] if isinstance(shape, tuple) else None


def guess(fields, above=False):
    """What no schema tells of being a secret, the name does."""
    for name, own in fields.items():
        inner = object_of(own["shape"])
        if inner is not None:
            guess(inner)
        elif "x" not in own["known"] and own["shape"] in ("T", "D") and SECRET.search(name):
            own["flags"].add("y")
        if name.endswith("_wo") and "w" not in own["known"]:
            own["flags"].add("w")


def written(shape):
    if isinstance(shape, str):
        return shape
    if shape[0] == "{":
        return "{" + ",".join(line(name, shape[1][name]) for name in sorted(shape[1])) + "}"
    return shape[0] + written(shape[1])


def line(name, own):
    flags = "".join(flag for flag in "rocxywb1d" if flag in own["flags"])
    return f"{name}={flags}{written(own['shape'])}"


def main(provider, out, sources):
    types = {}
    for source in sources:
        read = from_package(source) if os.path.isdir(source) else from_schema(source)
        for name, fields in read.items():
            if not name.startswith(provider + "_"):
                continue
            if name in types:
                add(types[name], fields)
            else:
                types[name] = fields
        print(f"{source}: {len(read)} types", file=sys.stderr)
    for fields in types.values():
        guess(fields)
    lines = [f"{name}\t{written(('{', fields))[1:-1]}\n" for name, fields in sorted(types.items())]
    text = "".join(lines).encode("ascii")
    packed = zlib.compress(text, 9)
    with open(out, "wb") as file:
        file.write(packed)
    print(f"{len(types)} types, {len(text)} bytes, {len(packed)} packed", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
