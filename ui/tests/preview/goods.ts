import type { Product } from '../../src/platform';

const LIST: Record<string, string> = {
  Bakery:
    'Sourdough loaf 4.20|Rye bread 750 g 3.90|Baguette 1.60|Butter croissant 1.90|Pain au chocolat 2.20|Pretzel 1.10|Spelt roll 0.85|Poppy seed roll 0.65|Cinnamon bun 2.60|Apple strudel 3.40|Focaccia with rosemary 4.80|Banana bread, slice 2.90',
  Coffee:
    'Espresso 2.20|Double espresso 2.80|Flat white 3.60|Cappuccino 3.40|Latte 3.80|Filter coffee 2.80|Cold brew 4.10|Chai latte 4.00|Hot chocolate 3.90|Tea, pot 3.20|Oat milk extra 0.50|Extra shot 0.90|House beans 250 g 9.50|Decaf beans 250 g 9.90|Single origin Ethiopia 250 g 14.50',
  Dairy:
    'Whole milk 1 l 1.29|Oat milk 1 l 2.49|Natural yoghurt 500 g 1.59|Butter 250 g 2.79|Free-range eggs, 10 3.49|Cream 200 ml 0.99|Quark 250 g 0.89|Skyr 450 g 2.19',
  Cheese:
    'Gruyère kg24.90|Brie de Meaux kg21.50|Mature cheddar kg18.90|Goat’s cheese 150 g 3.99|Mozzarella di bufala 2.99|Parmigiano Reggiano 24 months kg32.00',
  Fruit:
    'Bananas kg1.99|Apples Elstar kg2.49|Oranges kg2.29|Lemon 0.59|Avocado 1.79|Blueberries 125 g 2.99|Grapes, white kg3.99|Pears kg2.79|Mango 1.99',
  Vegetables:
    'Carrots kg1.49|Potatoes, waxy kg1.69|Tomatoes on the vine kg3.49|Cucumber 0.99|Red pepper kg4.99|Courgette kg2.49|Spinach 250 g 2.29|Onions kg1.29|Garlic 0.79|Mushrooms 250 g 1.99',
  Pantry:
    'Spaghetti no. 5 1.29|Basmati rice 1 kg 3.29|Chickpeas 400 g 0.99|Olive oil 500 ml 8.99|Sea salt 1.19|Honey 500 g 6.49|Rolled oats 0.99|Chopped tomatoes 0.89|Lentils 500 g 2.49',
  Drinks:
    'Mineral water 1 l 0.89|Apple juice, cloudy 1 l 2.29|Elderflower lemonade 1.99|Craft pale ale 0.33 l 2.49|Riesling Kabinett 0.75 l 11.90|Kombucha ginger 3.29',
  Household:
    'Dish soap 1.99|Kitchen roll, 4 2.99|Beeswax candle 5.50|Matches 0.49|Laundry detergent 1.35 l 7.99',
  Gifts: 'Gift card 0.00|Wrapping service 2.00|Linen tote bag 9.00|Enamel mug 12.50',
};

/** A believable catalogue. */
export const goods: Product[] = Object.entries(LIST).flatMap(([category, items], c) =>
  items.split('|').map((item, i): Product => {
    const [, name = '', kg = '', price = '0'] = /^(.*) (kg)?([\d.]+)$/.exec(item) ?? [];
    const sku = `${category.slice(0, 2).toUpperCase()}${String(i + 1).padStart(3, '0')}`;
    return {
      productId: sku,
      sku,
      barcodes: [ean13(`20${String(c).padStart(4, '0')}${String(i).padStart(6, '0')}`)],
      name,
      category,
      price: Number(price.replace('.', '')),
      cost: null,
      taxCodes: ['A'],
      unit: kg ? 'kg' : 'piece',
      stock: i === 6 ? '0' : String(((i * 37 + c * 11) % 80) + 3),
    };
  }),
);

function ean13(twelve: string): string {
  const sum = [...twelve].reduce((all, digit, at) => all + Number(digit) * (at % 2 ? 3 : 1), 0);
  return twelve + String((10 - (sum % 10)) % 10);
}
