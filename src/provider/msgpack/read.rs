//! Bytes to a value.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode;

use super::error::MsgpackError;
use super::refined;
use crate::provider::cty::{MAX_DEPTH, Name, Number, Type, Unknown, Value};

/// Reads one value of that type, and nothing behind it.
///
/// # Errors
/// Bytes that are no value of the type: what an object lacks or has too much, what is too deep or
/// ends early.
pub fn read(bytes: &[u8], own: &Type) -> Result<Value, MsgpackError> {
    let mut reader = Reader {
        rest: bytes,
        depth: 0,
    };
    let value = reader.value(own)?;
    match reader.rest {
        [] => Ok(value),
        _ => Err(MsgpackError::new("something stands behind the value")),
    }
}

pub(super) struct Reader<'b> {
    pub rest: &'b [u8],
    pub depth: usize,
}

impl<'b> Reader<'b> {
    pub fn marker(&self) -> Result<Marker, MsgpackError> {
        let first = self.rest.first().ok_or_else(MsgpackError::short)?;
        Ok(Marker::from_u8(*first))
    }

    pub fn value(&mut self, own: &Type) -> Result<Value, MsgpackError> {
        match self.marker()? {
            Marker::Null => {
                self.take(1)?;
                return Ok(Value::Null);
            }
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => return self.unknown(),
            _ => {}
        }
        match own {
            Type::Bool => match decode::read_bool(&mut self.rest) {
                Ok(flag) => Ok(Value::Bool(flag)),
                Err(_) => Err(MsgpackError::new("a bool is wanted here")),
            },
            Type::Number => self.number().map(Value::Number),
            Type::String => Ok(Value::string(self.string()?)),
            Type::Dynamic
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            | Type::Object(_) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(MsgpackError::new("the value is nested too deep"));
                }
                let value = self.nested(own);
                self.depth -= 1;
                value
            }
        }
    }

    fn nested(&mut self, own: &Type) -> Result<Value, MsgpackError> {
        match own {
            Type::List(element) => Ok(Value::List(self.elements(element)?)),
            Type::Set(element) => Ok(Value::set(self.elements(element)?)),
            Type::Map(element) => self.map(element),
            Type::Tuple(types) => self.tuple(types),
            Type::Object(attributes) => self.object(attributes),
            Type::Dynamic => self.dynamic(),
            Type::Bool | Type::Number | Type::String => self.value(own),
        }
    }

    pub fn take(&mut self, length: usize) -> Result<&'b [u8], MsgpackError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(MsgpackError::short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn take_long(&mut self, length: u32) -> Result<&'b [u8], MsgpackError> {
        let length = usize::try_from(length).map_err(|_| MsgpackError::short())?;
        self.take(length)
    }

    pub fn string(&mut self) -> Result<&'b str, MsgpackError> {
        let length = decode::read_str_len(&mut self.rest)
            .map_err(|_| MsgpackError::new("a string is wanted here"))?;
        let bytes = self.take_long(length)?;
        simdutf8::basic::from_utf8(bytes)
            .map_err(|_| MsgpackError::new("a string that is not UTF-8"))
    }

    pub fn number(&mut self) -> Result<Number, MsgpackError> {
        let wanted = || MsgpackError::new("a number is wanted here");
        let number = match self.marker()? {
            Marker::F32 => {
                let float = decode::read_f32(&mut self.rest).map_err(|_| wanted())?;
                Number::from_f64(float.into())
            }
            Marker::F64 => {
                let float = decode::read_f64(&mut self.rest).map_err(|_| wanted())?;
                Number::from_f64(float)
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                Number::parse(self.string()?)
            }
            Marker::U64 => {
                let int: u64 = decode::read_int(&mut self.rest).map_err(|_| wanted())?;
                Some(Number::from_u64(int))
            }
            _ => {
                let int: i64 = decode::read_int(&mut self.rest).map_err(|_| wanted())?;
                Some(Number::from(int))
            }
        };
        number.ok_or_else(|| MsgpackError::new("a number that cannot be read"))
    }

    /// The length of an array, which cannot be more than there are bytes.
    pub fn array_length(&mut self) -> Result<usize, MsgpackError> {
        let length = decode::read_array_len(&mut self.rest)
            .map_err(|_| MsgpackError::new("an array is wanted here"))?;
        self.bounded(length)
    }

    pub fn map_length(&mut self) -> Result<usize, MsgpackError> {
        let length = decode::read_map_len(&mut self.rest)
            .map_err(|_| MsgpackError::new("a map is wanted here"))?;
        self.bounded(length)
    }

    fn bounded(&self, length: u32) -> Result<usize, MsgpackError> {
        match usize::try_from(length) {
            Ok(length) if length <= self.rest.len() => Ok(length),
            _ => Err(MsgpackError::short()),
        }
    }

    fn elements(&mut self, element: &Type) -> Result<Vec<Value>, MsgpackError> {
        let length = self.array_length()?;
        (0..length).map(|_| self.value(element)).collect()
    }

    fn tuple(&mut self, types: &[Type]) -> Result<Value, MsgpackError> {
        if self.array_length()? != types.len() {
            return Err(MsgpackError::new("a tuple of another length"));
        }
        let elements = types.iter().map(|own| self.value(own));
        Ok(Value::Tuple(elements.collect::<Result<_, _>>()?))
    }

    fn map(&mut self, element: &Type) -> Result<Value, MsgpackError> {
        let mut map = BTreeMap::new();
        for _ in 0..self.map_length()? {
            let key = Name::from(self.string()?);
            if map.insert(key, self.value(element)?).is_some() {
                return Err(MsgpackError::new("a key stands twice in one map"));
            }
        }
        Ok(Value::Map(map))
    }

    fn object(&mut self, attributes: &BTreeMap<Name, Type>) -> Result<Value, MsgpackError> {
        let mut object = BTreeMap::new();
        for _ in 0..self.map_length()? {
            let key = self.string()?;
            let Some((name, own)) = attributes.get_key_value(key) else {
                return Err(MsgpackError::new(
                    "an attribute that the type does not have",
                ));
            };
            let value = self.value(own).map_err(|error| error.within(name))?;
            if object.insert(Name::clone(name), value).is_some() {
                return Err(MsgpackError::new("it stands twice in one object").within(name));
            }
        }
        match attributes.keys().find(|name| !object.contains_key(*name)) {
            None => Ok(Value::Object(object)),
            Some(name) => Err(MsgpackError::new("it is missing").within(name)),
        }
    }

    fn dynamic(&mut self) -> Result<Value, MsgpackError> {
        let wanted = || MsgpackError::new("a type and a value are wanted here");
        if self.array_length()? != 2 {
            return Err(wanted());
        }
        let length = decode::read_bin_len(&mut self.rest).map_err(|_| wanted())?;
        let own = Type::parse(self.take_long(length)?);
        let own = own.map_err(|error| MsgpackError::new(error.to_string()))?;
        let value = self.value(&own)?;
        Ok(Value::Dynamic(Box::new((own, value))))
    }

    /// Every extension stands for an unknown value, also one that nobody knows yet.
    fn unknown(&mut self) -> Result<Value, MsgpackError> {
        let meta = decode::read_ext_meta(&mut self.rest).map_err(|_| MsgpackError::short())?;
        let payload = self.take_long(meta.size)?;
        let unknown = match meta.typeid {
            super::REFINED => refined::read(payload)?,
            _ => Unknown::default(),
        };
        Ok(Value::Unknown(Box::new(unknown)))
    }
}
